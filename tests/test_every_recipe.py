"""The contract that every recipe keeps, tried on each of them, shrunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import pictures, points
from ganwright import assemble, checkpoint
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.feed import Feed
from ganwright.core.game import play
from ganwright.core.loop import loop, play_round
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.core.shelf import names, take

MACHINE = Machine(torch.device("cpu"))
ROUNDS = 3


@dataclass(frozen=True)
class Case:
    name: str
    as_source: bool

    def data(self) -> Data:
        """A small set of the recipe's own kind; the source programs are for 28x28."""
        if self.name in ("vanilla", "dcgan"):
            return pictures(size=28 if self.as_source else 8)
        if self.name == "stacked-mnist":
            return pictures(size=28, channels=3)
        return points()

    def build(self) -> tuple[Recipe, Feed]:
        recipe = assemble.request(self.name, self.as_source, 0, {}).build(self.data())
        return recipe, Feed(recipe.data, recipe.order, 0, MACHINE, recipe.conditional)

    def __str__(self) -> str:
        return self.name + " --as-source" * self.as_source


def cases() -> Iterator[Case]:
    for name in names("recipes"):
        yield Case(name, False)
        if hasattr(take("recipes", name), "as_source"):
            yield Case(name, True)


every_recipe = pytest.mark.parametrize("case", list(cases()), ids=str)


def everything(recipe: Recipe, player: str) -> dict[str, torch.Tensor]:
    """All tensors of a player's networks, buffers too."""
    return {name: value.clone() for name, value in recipe.game.players[player].weights().items()}


def played(case: Case, rounds: int) -> tuple[Recipe, Feed, Clock]:
    recipe, feed = case.build()
    clock = Clock()
    horizon = sum(recipe.order.size(0, feed.total) for _ in range(rounds))
    loop(recipe.game, recipe.stages, clock, feed, horizon, [])
    return recipe, feed, clock


@every_recipe
def test_only_movers_change(case: Case) -> None:
    recipe, feed = case.build()
    for stage in recipe.stages:
        for turn in stage.turns:
            before = {name: everything(recipe, name) for name in recipe.game.players}
            batch, draws = feed.draw(Clock(), 0)
            play(recipe.game, turn, batch, draws, len(batch), MACHINE)
            for name, tensors in before.items():
                after = everything(recipe, name)
                changed = {key for key, value in tensors.items() if not torch.equal(value, after[key])}
                assert bool(changed) == (name in turn.players), (turn.players, name, changed)


@every_recipe
def test_terms_are_finite_and_named_after_the_players(case: Case) -> None:
    recipe, feed = case.build()
    terms = play_round(recipe.game, recipe.stages[-1], Clock(), feed, recipe.order.batch)
    assert {"generator", "discriminator"} <= terms.keys()
    assert all(torch.isfinite(value) for value in terms.values())


@every_recipe
def test_samples_lie_in_the_domain(case: Case) -> None:
    recipe, _, _ = played(case, 1)
    stored = recipe.data.domain.decode(recipe.game.sample(Draws(0, 0, 0, 5, "sample")))
    assert stored.dtype == recipe.data.samples.dtype
    assert stored.shape == (5, *recipe.data.samples.shape[1:])
    assert np.isfinite(stored).all()


@every_recipe
def test_a_sample_does_not_depend_on_its_neighbours(case: Case) -> None:
    recipe, _, _ = played(case, 1)
    few, many = (recipe.game.sample(Draws(0, 0, 0, n, "sample")) for n in (4, 16))
    torch.testing.assert_close(many[:4], few)


@every_recipe
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(case: Case) -> None:
    first, second = (played(case, 2)[0] for _ in range(2))
    other = assemble.request(case.name, case.as_source, 1, {}).build(case.data())
    for name in first.game.players:
        mine, same, others = everything(first, name), everything(second, name), other.game.players[name].weights()
        assert all(torch.equal(mine[key], same[key]) for key in mine)
        assert any(not torch.equal(mine[key], others[key]) for key in mine)


@every_recipe
def test_stopped_and_resumed_is_equal_to_unbroken(case: Case, tmp_path: Path) -> None:
    unbroken, _, end = played(case, ROUNDS)
    stopped, _, clock = played(case, 1)
    checkpoint.save(tmp_path, clock.images, checkpoint.capture(stopped.game, {"clock": clock.state_dict()}))

    resumed, feed = case.build()
    path, found, passed = checkpoint.newest(tmp_path)
    assert path is not None
    assert found is not None
    assert not passed
    checkpoint.restore(resumed.game, found, str(path))
    later = Clock()
    later.load_state_dict(found.state["clock"])
    loop(resumed.game, resumed.stages, later, feed, end.images, [])

    for name, player in unbroken.game.players.items():
        mine, theirs = everything(unbroken, name), everything(resumed, name)
        assert all(torch.equal(mine[key], theirs[key]) for key in mine)
        tensors, rest = player.optimizer_state()
        again, rest_again = resumed.game.players[name].optimizer_state()
        assert all(torch.equal(tensors[key], again[key]) for key in tensors)
        assert rest == rest_again
