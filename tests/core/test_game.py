"""Playing a turn: gradients, micro-batches, and the players that a turn leaves unchanged."""

from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws, supplied
from ganwright.core.game import descend, play, split
from ganwright.core.machine import Machine
from ganwright.core.player import Player
from ganwright.core.turn import Terms, Turn

MACHINE = Machine(torch.device("cpu"), torch.float64)
REAL = torch.randn(10, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
BATCH, DRAWS = Batch(REAL), Draws(0, 0, 0, 10, dtype=torch.float64)


def new_player(seed: int) -> Player:
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).double()
    return Player(network, lambda parameters: torch.optim.SGD(parameters, lr=0.1))


@dataclass
class Duel:
    """Two players with one loss each; batch norm gives them buffers."""

    players: dict[str, Player] = field(default_factory=lambda: {"one": new_player(1), "other": new_player(2)})

    def values(self, batch: Batch) -> tuple[Tensor, Tensor]:
        first = self.players["one"].network[0](batch.real)  # type: ignore[index]
        second = self.players["other"].network[0](first)  # type: ignore[index]
        return first.square().mean(), second.mean()

    def both(self, batch: Batch, draws: Draws) -> Terms:
        mine, theirs = self.values(batch)
        return Terms({"one": mine, "other": theirs}, {"mine": mine, "theirs": theirs})

    def alone(self, batch: Batch, draws: Draws) -> Terms:
        value = self.players["other"].network(self.players["one"].network(batch.real)).square().sum()
        return Terms({"one": value + self.values(batch)[0]}, {})


def played(duel: Duel, turn: Turn, machine: Machine = MACHINE) -> dict[str, Tensor]:
    return play(duel, turn, BATCH, DRAWS, machine)  # type: ignore[arg-type]


def gradients(player: Player) -> list[Tensor | None]:
    return [None if parameter.grad is None else parameter.grad.clone() for parameter in player.parameters]


def test_each_player_gets_the_gradient_of_its_own_objective() -> None:
    duel, separate = Duel(), Duel()
    played(duel, Turn(("one", "other"), duel.both))
    mine, theirs = separate.values(BATCH)
    for name, value in (("one", mine), ("other", theirs)):
        weight = separate.players[name].parameters[0]
        expected = torch.autograd.grad(value, weight, retain_graph=True)[0]
        torch.testing.assert_close(duel.players[name].parameters[0].grad, expected)


def test_a_shared_objective_has_one_backward_pass() -> None:
    duel, passes = Duel(), []
    value = duel.values(BATCH)[1]
    value.register_hook(passes.append)
    descend(Terms({"one": value, "other": value}), duel.players, 1.0)
    assert len(passes) == 1
    for player in duel.players.values():
        assert player.parameters[0].grad is not None


def test_gradients_are_scaled_by_their_weight_and_accumulated() -> None:
    whole, parts = Duel(), Duel()
    descend(Terms({"one": whole.values(BATCH)[0]}), {"one": whole.players["one"]}, 1.0)
    for weight in (0.25, 0.75):
        descend(Terms({"one": parts.values(BATCH)[0]}), {"one": parts.players["one"]}, weight)
    torch.testing.assert_close(parts.players["one"].parameters[0].grad, whole.players["one"].parameters[0].grad)


def test_a_turn_leaves_the_other_players_unchanged() -> None:
    duel = Duel()
    before = {name: {key: value.clone() for key, value in p.weights().items()} for name, p in duel.players.items()}
    played(duel, Turn(("one",), duel.alone))
    other = duel.players["other"]
    assert all(torch.equal(value, before["other"][key]) for key, value in other.weights().items())
    assert gradients(other) == [None] * 4
    assert not torch.equal(duel.players["one"].weights()["network.0.weight"], before["one"]["network.0.weight"])


def test_gradients_of_an_earlier_turn_are_cleared() -> None:
    one, twice = Duel(), Duel()
    for parameter in twice.players["one"].parameters:
        parameter.grad = torch.full_like(parameter, 7.0)
    for duel in (one, twice):
        played(duel, Turn(("one", "other"), duel.both))
    assert torch.equal(*(duel.players["one"].weights()["network.0.weight"] for duel in (one, twice)))


@pytest.mark.parametrize("micro_batch", [1, 3, 10, 64])
def test_logged_terms_do_not_depend_on_micro_batches(micro_batch: int) -> None:
    duel = Duel()
    expected = duel.both(BATCH, DRAWS).report
    report = played(duel, Turn(("one", "other"), duel.both), Machine(MACHINE.device, MACHINE.dtype, None, micro_batch))
    assert report.keys() == expected.keys()
    for name, value in report.items():
        assert not value.requires_grad
        torch.testing.assert_close(value, expected[name].detach())


def test_layers_draw_their_noise_from_the_draws_of_the_turn() -> None:
    duel, drawn = Duel(), list[Tensor]()

    def noisy(batch: Batch, draws: Draws) -> Terms:
        layers = supplied(), supplied()
        drawn.extend(layer.normal() for layer in layers if layer is not None)
        return duel.both(batch, draws)

    played(duel, Turn(("one", "other"), noisy))
    first, second = drawn
    assert torch.equal(first, DRAWS.at("layer0").normal())
    assert torch.equal(second, DRAWS.at("layer1").normal())
    assert supplied() is None


def test_parts_cover_the_batch_and_the_draws() -> None:
    batch, draws = Batch(torch.arange(10.0)), Draws(0, 0, 0, 25)
    parts = list(split(batch, draws, 4))
    assert torch.equal(torch.cat([part.real for part, _ in parts]), batch.real)
    assert torch.equal(torch.cat([part.normal() for _, part in parts]), draws.normal())
    assert [len(part) for part, _ in parts] == [4, 4, 2]


@pytest.mark.parametrize("micro_batch", [None, 10, 11])
def test_a_batch_that_fits_is_not_split(micro_batch: int | None) -> None:
    ((part, draws),) = split(BATCH, DRAWS, micro_batch)
    assert part is BATCH
    assert draws is DRAWS
