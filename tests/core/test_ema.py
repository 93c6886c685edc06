"""The EMA of a network's weights: its half-life, in a step too, its ramp, and its buffers."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from conftest import points
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.ema import Ema
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.turn import Stage, Terms, Turn
from ganwright.domains.points import Points
from ganwright.recipes import ring
from ganwright.recipes._two_player import Rules


def tensors(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]


def distance(ema: Ema, network: nn.Linear) -> float:
    return float((ema.network.weight - network.weight).detach().norm())


def test_an_ema_halves_the_distance_in_its_half_life() -> None:
    network, still = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    ema = Ema(network, half_life=100)
    before = ema.network.weight.item() - still.weight.item()
    ema.update(still, examples=10**6, batch=100)
    assert ema.network.weight.item() - still.weight.item() == pytest.approx(before / 2, rel=1e-5)


@pytest.mark.parametrize("batch", [1, 10, 50])
def test_the_half_life_does_not_depend_on_the_batch_size(batch: int) -> None:
    still = nn.Linear(3, 2, bias=False).double()
    ema = Ema(nn.Linear(3, 2, bias=False).double(), half_life=100)
    before = distance(ema, still)
    for _ in range(100 // batch):
        ema.update(still, examples=10**6, batch=batch)
    assert distance(ema, still) == pytest.approx(before / 2)


def test_the_ema_of_a_constant_network_is_that_network() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    ema = Ema(network, half_life=1000)
    before = [tensor.clone() for tensor in tensors(network)]
    for step in range(1, 20):
        ema.update(network, examples=64 * step, batch=64)
    assert all(torch.equal(*pair) for pair in zip(tensors(ema.network), before, strict=True))


def test_an_ema_converges_despite_a_long_half_life() -> None:
    network, still = nn.Linear(1, 1), nn.Linear(1, 1)
    ema = Ema(network, half_life=10**9, share=0.05)
    for step in range(1, 200):
        ema.update(still, examples=100 * step, batch=100)
    assert ema.network.weight.item() == pytest.approx(still.weight.item(), abs=1e-3)


def test_the_half_life_is_at_most_a_share_of_the_examples_read() -> None:
    ema = Ema(nn.Linear(1, 1), half_life=100, share=0.05)
    assert ema.decay(examples=200, batch=10) == pytest.approx(0.5)
    assert ema.decay(examples=2_000, batch=100) == pytest.approx(0.5)
    assert ema.decay(examples=10**6, batch=100) == pytest.approx(0.5)
    assert ema.decay(examples=0, batch=10) == 0


def test_an_ema_averages_float_buffers_and_copies_others() -> None:
    network = nn.BatchNorm1d(2)
    ema = Ema(network, half_life=100)
    network(torch.randn(8, 2) + 5)
    ema.update(network, examples=10**6, batch=100)
    assert torch.equal(ema.network.running_mean, network.running_mean / 2)
    assert ema.network.num_batches_tracked == 1
    assert not ema.network.training


def test_an_ema_is_an_independent_copy_without_gradients() -> None:
    network = nn.Linear(2, 2)
    ema = Ema(network, half_life=100)
    before = network.weight.detach().clone()
    ema.update(nn.Linear(2, 2), examples=10**6, batch=100)
    assert torch.equal(network.weight, before)
    assert not torch.equal(ema.network.weight, before)
    assert not any(parameter.requires_grad for parameter in ema.network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_replaced_tensors_are_averaged_after_the_cache_is_reset() -> None:
    network = nn.Linear(2, 2)
    ema = Ema(network, half_life=100)
    ema.update(network, examples=10**6, batch=100)
    network.weight = nn.Parameter(network.weight.detach() + 2)
    ema.reset_tensor_cache()
    ema.update(network, examples=10**6, batch=100)
    torch.testing.assert_close(ema.network.weight.data, network.weight.data - 1)


# -- in a step


def averaged(turns: dict[str, tuple[int, int]], steps: int) -> dict[str, float]:
    """The distance of each player's EMA from its still network after `steps` of 16 examples, 1 at first.

    `turns` has updates and interval of each player's turns; the half-life is 64 examples.
    """
    players = {name: Player(nn.Linear(1, 1), partial(torch.optim.SGD, lr=0.0), ema_half_life=64) for name in turns}
    game = SimpleNamespace(players=players)

    def loss(name: str, batch: Batch, draws: Draws) -> Terms:
        return Terms({name: players[name].network(batch.real).mean()})

    stage = Stage(tuple(Turn((name,), partial(loss, name), *given) for name, given in turns.items()))
    for player in players.values():
        player.sampling_network.weight.data = player.network.weight.data + 1  # type: ignore[operator, union-attr]
    data = Data("points", Points.plain(1), np.zeros((64, 1), np.float32))
    feed, clock = Feed(data, Stream(16), 0, Machine(torch.device("cpu"))), Clock(10**6)
    for _ in range(steps):
        play_step(game, stage, clock, feed, clock.examples + 16)  # type: ignore[arg-type]
        clock.tick(16)
    return {name: distance(player.ema, player.network) for name, player in players.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("updates", [1, 2, 5])
def test_the_half_life_is_in_examples_for_any_number_of_updates_per_step(updates: int) -> None:
    after = averaged({"generator": (updates, 1), "discriminator": (1, 1)}, steps=4)
    assert after == {"generator": pytest.approx(0.5, rel=1e-5), "discriminator": pytest.approx(0.5, rel=1e-5)}


@pytest.mark.parametrize("every", [2, 3])
def test_the_half_life_is_in_examples_for_a_player_that_moves_in_some_steps_only(every: int) -> None:
    after = averaged({"generator": (1, 1), "of a level": (1, every)}, steps=4)
    assert after["of a level"] == pytest.approx(0.5, rel=1e-5)


def test_turns_of_a_lazy_penalty_do_not_shorten_the_half_life() -> None:
    recipe = ring.recipe(points(), rules=Rules(penalty="r1", penalty_every=2, batch=16, ema_half_life=64))
    discriminator = recipe.game.players["discriminator"]
    assert discriminator.ema is not None
    updates: list[int] = []
    discriminator.ema.update = lambda network, examples, batch: updates.append(batch)  # type: ignore[method-assign]
    feed, clock = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu"))), Clock()
    for _ in range(4):
        play_step(recipe.game, recipe.stages[-1], clock, feed, clock.examples + 16)
        clock.tick(16)
    assert updates == [16] * 4


def test_players_of_other_stages_are_not_averaged() -> None:
    after = averaged({"generator": (1, 1)}, steps=1)
    assert after.keys() == {"generator"}
    recipe = ring.recipe(points(), rules=Rules(discriminator_warmup=16, batch=16, ema_half_life=64))
    ema = recipe.game.players["generator"].ema
    assert ema is not None
    ema.update = lambda *given: pytest.fail("the generator is not trained")  # type: ignore[method-assign]
    play_step(recipe.game, recipe.stages[0], Clock(), Feed(recipe.data, recipe.order, 0, Machine.chosen("cpu")), 16)
