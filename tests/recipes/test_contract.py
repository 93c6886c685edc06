"""The contract of recipes, tested on small versions of all of them.

contract_cases/NAME.py defines a recipe's case: `data(as_source)`, a small data set, `OPTIONS`, which shrink the recipe,
and optional `VARIANTS`, further options by a name for the variant.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.discovery import load_module, names
from ganwright.core.draws import Draws
from ganwright.core.feed import Feed
from ganwright.core.game import Game, play
from ganwright.core.horizon import Horizon
from ganwright.core.loop import loop, play_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.eager import eager_step
from ganwright.execution.graph_capture import FOREIGN, VALUES, StepKind, capture_step, state
from ganwright.execution.recorder import CaptureError
from ganwright.runs import checkpoint

MACHINE = Machine(torch.device("cpu"))
STEPS = 3
REFUSALS = (  # known reasons why a step cannot be captured as a graph
    FOREIGN,  # a frozen network, or a constant
    VALUES,  # conditions read from the data by random rows
    "is no number of the game",  # a schedule of an optimizer's betas
)


@dataclass(frozen=True)
class Case:
    name: str
    as_source: bool
    variant: str = ""

    @property
    def module(self) -> Any:
        return importlib.import_module(f"contract_cases.{self.name.replace('-', '_')}")

    def data(self) -> Data:
        data: Data = self.module.data(self.as_source)
        return data

    @property
    def options(self) -> Mapping[str, object]:
        if self.as_source:
            return {}
        variants = {"": {}, **getattr(self.module, "VARIANTS", {})}
        return {**getattr(self.module, "OPTIONS", {}), **variants[self.variant]}

    def build(self, dtype: torch.dtype = torch.float32) -> tuple[Recipe, Feed]:
        recipe = resolve_recipe(self.name, self.as_source, 0, self.options).build(self.data())
        machine = replace(MACHINE, dtype=dtype)
        for player in recipe.game.players.values():
            player.to(machine.device, dtype)
        return recipe, Feed(recipe.data, recipe.order, 0, machine, recipe.condition)

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, "--as-source" * self.as_source, self.variant]))


def cases() -> Iterator[Case]:
    for name in names("recipes"):
        yield Case(name, False)
        yield from (Case(name, False, variant) for variant in getattr(Case(name, False).module, "VARIANTS", {}))
        if hasattr(load_module("recipes", name), "as_source"):
            yield Case(name, True)


every_recipe = pytest.mark.parametrize("case", list(cases()), ids=str)


def tensors_of(recipe: Recipe, player: str) -> dict[str, torch.Tensor]:
    """All tensors of a player's networks, including buffers."""
    return {name: value.clone() for name, value in recipe.game.players[player].weights().items()}


def played(case: Case, steps: int) -> tuple[Recipe, Feed, Clock]:
    recipe, feed = case.build()
    clock = Clock()
    horizon = sum(recipe.order.size(0, feed.total) for _ in range(steps))
    loop(recipe.game, recipe.stages, clock, feed, Horizon(horizon), [], eager_step)
    return recipe, feed, clock


@every_recipe
def test_only_the_players_of_a_turn_change(case: Case) -> None:
    recipe, feed = case.build()
    for stage in recipe.stages:
        for turn in stage.turns:
            before = {name: tensors_of(recipe, name) for name in recipe.game.players}
            batch, draws = feed.draw(Clock(), 0)
            play(recipe.game, turn, stage.view(batch, draws.at("view")), draws, MACHINE)
            for name, tensors in before.items():
                after = tensors_of(recipe, name)
                changed = {key for key, value in tensors.items() if not torch.equal(value, after[key])}
                assert bool(changed) == (name in turn.players), (turn.players, name, changed)


@every_recipe
def test_terms_are_finite_and_named_after_the_players(case: Case) -> None:
    recipe, feed = case.build()
    terms = play_step(recipe.game, recipe.stages[-1], Clock(), feed, recipe.order.batch)
    assert recipe.game.players.keys() <= terms.keys()
    assert all(torch.isfinite(value) for value in terms.values())


@every_recipe
def test_samples_lie_in_the_domain(case: Case) -> None:
    recipe, _, _ = played(case, 1)
    encoded = recipe.sample(Draws(0, 0, 0, 5, "sample"))
    assert torch.isfinite(encoded).all()  # before decoding, which may clamp or round
    assert encoded.shape == (5, *recipe.data.domain.shape)
    stored = recipe.data.domain.decode(encoded)
    assert stored.dtype == recipe.data.samples.dtype
    assert stored.shape == (5, *recipe.data.samples.shape[1:])


@every_recipe
def test_a_sample_does_not_depend_on_other_samples(case: Case) -> None:
    recipe, _, _ = played(case, 1)
    few, many = (recipe.sample(Draws(0, 0, 0, n, "sample")) for n in (4, 16))
    torch.testing.assert_close(many[:4], few)


@every_recipe
def test_equal_seeds_give_equal_bits_and_different_seeds_do_not(case: Case) -> None:
    first, second = (played(case, 2)[0] for _ in range(2))
    other = resolve_recipe(case.name, case.as_source, 1, case.options).build(case.data())
    for name in first.game.players:
        weights, same, others = tensors_of(first, name), tensors_of(second, name), other.game.players[name].weights()
        assert all(torch.equal(weights[key], same[key]) for key in weights)
        assert any(not torch.equal(weights[key], others[key]) for key in weights)


@every_recipe
def test_a_resumed_run_equals_an_uninterrupted_one(case: Case, tmp_path: Path) -> None:
    uninterrupted, _, end = played(case, STEPS)
    stopped, _, clock = played(case, 1)
    checkpoint.save(
        tmp_path, clock.examples, checkpoint.capture(stopped.game, {"clock": clock.state_dict(), "callbacks": {}})
    )

    resumed, feed = case.build()
    path, saved, notes = checkpoint.newest(tmp_path)
    assert path is not None
    assert saved is not None
    assert not notes
    checkpoint.restore(resumed.game, saved, str(path))
    later = Clock()
    later.load_state_dict(saved.state["clock"])
    loop(resumed.game, resumed.stages, later, feed, Horizon(end.examples), [], eager_step)

    for name, player in uninterrupted.game.players.items():
        expected, actual = tensors_of(uninterrupted, name), tensors_of(resumed, name)
        assert all(torch.equal(expected[key], actual[key]) for key in expected)
        expected, expected_rest = player.optimizer_state()
        actual, actual_rest = resumed.game.players[name].optimizer_state()
        assert all(torch.equal(expected[key], actual[key]) for key in expected)
        assert expected_rest == actual_rest


@every_recipe
def test_a_captured_step_equals_the_eager_step_or_a_known_reason_is_given(case: Case) -> None:
    recipe, feed = case.build(torch.float64)
    game, stage, clock = recipe.game, recipe.stages[-1], Clock(stage=len(recipe.stages) - 1)
    end = 4 * recipe.order.size(0, feed.total)
    eager_step(game, stage, clock, feed, end)  # creates the optimizers' state
    before = copies(game)
    try:
        graph = capture_step(game, stage, clock, feed)
    except CaptureError as refusal:
        if any(reason in str(refusal) for reason in REFUSALS):
            return
        raise
    played: list[bool] = []

    def run(*inputs: torch.Tensor) -> list[torch.Tensor]:
        played.append(True)
        return graph.run(*inputs)

    results = []
    for steps in (
        eager_step,
        CompiledSteps({StepKind.at(clock, stage, feed): replace(graph, run=run)}, clock.stage, 1),
    ):
        for name, tensor in state(game).items():
            tensor.data.copy_(before[name])
        _, terms = steps(game, stage, replace(clock), feed, end)
        results.append(copies(game) | {name: value.sum() for name, value in terms.items()})
    assert played
    assert results[0].keys() == results[1].keys()
    for name, tensor in results[0].items():
        torch.testing.assert_close(
            results[1][name], tensor, rtol=1e-9, atol=1e-11, msg=lambda m, name=name: f"{name}: {m}"
        )


def copies(game: Game) -> dict[str, torch.Tensor]:
    """Copies of all tensors that a step may change."""
    return {name: tensor.detach().clone() for name, tensor in state(game).items()}
