"""Checkpoints: when they are saved, which are marked, and that loading restores everything."""

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from conftest import SMALL, pictures
from ganwright.callbacks.checkpoints import (
    BEST,
    HEALTHY_BEFORE,
    HEALTHY_CHECKPOINTS,
    Checkpoints,
    healthy_interval,
)
from ganwright.callbacks.early_stopping import Best
from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.eager import eager_step
from ganwright.health.verdict import COLLAPSE, HEALTHY, Verdict
from ganwright.runs import checkpoint
from ganwright.runs.run import Run

BATCH = 10  # examples per step
OPTIONS = {name: value for name, value in SMALL.items() if name != "quiet"}


class Counter:
    """A stateful callback."""

    def __init__(self) -> None:
        self.count = 0

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


def small_recipe(seed: int = 0) -> Recipe:
    return resolve_recipe("vanilla", False, seed, {**OPTIONS, "ema_half_life": 100}).build(pictures(64))


class Session:
    """The callback with its run, clock and stubs of the callbacks that it reads."""

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        horizon: int = 10**9,
        seconds: float = 10**9,
        keep_every: int | None = None,
    ) -> None:
        self.run, self.clock, self.counter = Run(folder), Clock(), Counter()
        self.monitor: Any = SimpleNamespace(verdict=Verdict())
        self.early_stopping: Any = SimpleNamespace(best=None)
        self.checkpoints = Checkpoints(
            self.run,
            recipe,
            self.clock,
            Horizon(horizon),
            {"counter": self.counter},
            self.monitor,
            self.early_stopping,
            seconds,
            keep_every,
        )

    def play(self, steps: int = 1) -> None:
        for _ in range(steps):
            self.clock.tick(BATCH)
            self.checkpoints(self.clock, Played(BATCH, {}))

    @property
    def saved(self) -> list[int]:
        return [int(path.name) for path in checkpoint.saved(self.run.checkpoints)]

    @property
    def marks(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.run.checkpoints / checkpoint.MARKS).read_text())
        return found


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    """A recipe that no test of this file changes."""
    return small_recipe()


def test_a_checkpoint_is_saved_once_the_seconds_have_passed(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = {"now": 100.0}
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    session = Session(tmp_path, recipe, seconds=60)
    for moment in (130.0, 160.0, 219.0, 220.0):
        clock["now"] = moment
        session.play()
    assert session.saved == [20, 40]


def test_a_healthy_run_is_saved_and_marked_at_intervals(recipe: Recipe, tmp_path: Path) -> None:
    session = Session(tmp_path, recipe, horizon=20 * HEALTHY_CHECKPOINTS)
    session.play(3)
    assert session.saved == []  # undecided
    session.monitor.verdict = Verdict(HEALTHY, passing=True)
    session.play()
    assert session.marks == {HEALTHY: 40}
    session.play(4)
    assert session.marks == {HEALTHY_BEFORE: 60, HEALTHY: 80}
    assert session.saved == [60, 80]
    session.monitor.verdict = Verdict(COLLAPSE)
    session.play(4)
    assert session.marks == {HEALTHY_BEFORE: 60, HEALTHY: 80}


def test_marked_checkpoints_outlive_newer_ones(recipe: Recipe, tmp_path: Path) -> None:
    session = Session(tmp_path, recipe, horizon=10 * HEALTHY_CHECKPOINTS, seconds=0)
    session.monitor.verdict = Verdict(HEALTHY, passing=True)
    session.play(2)
    session.monitor.verdict = Verdict(COLLAPSE)
    session.early_stopping.best = Best(1.0, 30)
    session.play(5)
    assert session.marks == {HEALTHY_BEFORE: 10, HEALTHY: 20, BEST: 30}
    assert session.saved == [10, 20, 30, 60, 70]


def test_a_new_best_is_saved_and_marked_when_it_is_reached(recipe: Recipe, tmp_path: Path) -> None:
    session = Session(tmp_path, recipe)
    session.early_stopping.best = Best(3.0, 20)
    session.play(4)
    assert (session.saved, session.marks) == ([20], {BEST: 20})
    session.early_stopping.best = Best(2.0, 50)
    session.play(4)
    assert session.marks == {BEST: 50}


def test_checkpoints_at_multiples_of_keep_every_are_never_pruned(recipe: Recipe, tmp_path: Path) -> None:
    session = Session(tmp_path, recipe, seconds=0, keep_every=30)
    session.play(9)
    assert session.saved == [30, 60, 80, 90]


def test_a_loaded_checkpoint_restores_the_game_the_clock_and_the_callbacks(tmp_path: Path) -> None:
    mine, other = small_recipe(), small_recipe(seed=1)
    feed = Feed(mine.data, mine.order, 0, Machine(torch.device("cpu")))
    session = Session(tmp_path, mine)
    for _ in range(2):
        eager_step(mine.game, mine.stages[0], session.clock, feed, 10**6)
    session.counter.count = 3
    session.checkpoints.marks = {HEALTHY: 7}
    session.checkpoints.save()
    path, found, _ = checkpoint.newest(session.run.checkpoints)
    assert found is not None

    resumed = Session(tmp_path, other)
    resumed.checkpoints.load(found, str(path))
    assert resumed.clock == session.clock
    assert resumed.counter.count == 3
    assert resumed.checkpoints.marks == {HEALTHY: 7}
    for one in (mine, other):  # the same step again gives the same weights: optimizers and EMA are restored, too
        eager_step(one.game, one.stages[0], Clock(**session.clock.state_dict()), feed, 10**6)
    for name, player in mine.game.players.items():
        weights = other.game.players[name].weights()
        assert all(torch.equal(value, weights[key]) for key, value in player.weights().items())


def test_marks_continue_in_a_resumed_run(recipe: Recipe, tmp_path: Path) -> None:
    session = Session(tmp_path, recipe, horizon=10 * HEALTHY_CHECKPOINTS)
    session.monitor.verdict = Verdict(HEALTHY, passing=True)
    session.play(2)
    path, found, _ = checkpoint.newest(session.run.checkpoints)
    assert found is not None
    resumed = Session(tmp_path, recipe, horizon=10 * HEALTHY_CHECKPOINTS)
    resumed.checkpoints.load(found, str(path))
    resumed.monitor.verdict = Verdict(HEALTHY, passing=True)
    resumed.play()
    assert resumed.marks == {HEALTHY_BEFORE: 20, HEALTHY: 30}
    assert resumed.saved == [20, 30]


@pytest.mark.parametrize("horizon", [1, 19, 20, 12_345, 10**8])
def test_a_run_has_about_20_healthy_checkpoints(horizon: int) -> None:
    count = healthy_interval(horizon).count(0, horizon)
    assert min(HEALTHY_CHECKPOINTS, horizon) <= count < 2 * HEALTHY_CHECKPOINTS
