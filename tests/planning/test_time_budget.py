"""A run with a time limit revises its horizon, records the revisions, and repeats them when it is resumed."""

import itertools
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import ganwright
from conftest import SMALL, points
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.config.horizon import RequestedHorizon
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.planning import profiler
from ganwright.planning.cost_model import CostModel
from ganwright.planning.schedule_plan import SchedulePlan
from ganwright.planning.time_budget import REVISION_POINTS, TimeBudget
from ganwright.runs import checkpoint
from ganwright.runs.run import Run
from ganwright.training import session
from planning.test_cost_model import OCCASIONS, least
from training.sessions import log, state, stop_at

MINUTES = {"examples": None, "minutes": 0.01, "log_every": 32, "sample_every": 10**6, "lr_schedule": "cosine"}


class Slow(Stopwatch):
    """A stopwatch that advances by a number of seconds with every example, after some for the start."""

    def __init__(self, clock: Clock, each: float) -> None:
        super().__init__()
        self.clock, self.each = clock, each

    @property
    def seconds(self) -> float:
        return 2.0 + self.each * self.clock.examples


def played(each: float, horizon: int) -> tuple[float, TimeBudget]:
    """Seconds at the end of a run of a minute, which expects a thousandth of a second an image."""
    clock, unit_costs = Clock(), least(examples=(1e-3,), closing=1.0)
    feed = Feed(points(), Stream(32), 0, Machine(torch.device("cpu")))
    stopwatch = Slow(clock, each)
    plan = SchedulePlan(horizon, RequestedHorizon(minutes=1.0), unit_costs)
    cost_model, shared = CostModel(OCCASIONS, unit_costs), Horizon(horizon)
    budget = TimeBudget(plan, cost_model, feed, shared, stopwatch, lambda plan: None)
    budget.begin(clock)
    while not shared.reached(clock):
        clock.tick(32)
        budget(clock, Played(32, {}))
    return stopwatch.seconds, budget


@pytest.mark.parametrize(("each", "horizon"), [(1e-3, 57_000), (2e-3, 57_000), (5e-4, 57_000), (1e-3, 20_000)])
def test_the_minutes_are_kept_at_any_speed(each: float, horizon: int) -> None:
    seconds, budget = played(each, horizon)
    assert seconds + 1.0 * each / 1e-3 == pytest.approx(60, abs=0.2)
    assert len(budget.plan.revisions) >= 5


def test_without_minutes_nothing_is_corrected() -> None:
    feed = Feed(points(), Stream(32), 0, Machine(torch.device("cpu")))
    plan, horizon = SchedulePlan(1000, RequestedHorizon(examples=1000)), Horizon(1000)
    budget = TimeBudget(plan, None, feed, horizon, Stopwatch(), lambda plan: pytest.fail("no"))
    budget.begin(Clock())
    for examples in range(32, 1024, 32):
        budget(Clock(examples, examples // 32), Played(32, {}))
    assert budget.plan.revisions == ()
    assert budget.horizon.examples == 1000


def test_next_is_where_it_is_corrected() -> None:
    _, budget = played(1e-3, 57_000)
    examples, moments = 0, []
    while examples < budget.horizon.examples:
        examples = budget.every.next(examples)
        moments.append(examples)
    assert moments == [
        *(math.ceil(share * budget.horizon.examples) for share in REVISION_POINTS),
        budget.horizon.examples,
    ]
    assert all(budget.every.due(moment - 1, moment) for moment in moments[:-1])


def test_a_new_attempt_plans_for_the_time_that_is_left() -> None:
    _, budget = played(1e-3, 57_000)
    before = budget.plan.revisions
    budget.feed.attempt = 1
    clock = budget.stopwatch.clock  # type: ignore[attr-defined]
    budget.stopwatch = replace(Stopwatch(), before=30.0)
    clock.examples = 10_000
    budget.begin(clock)
    assert budget.plan.revisions[: len(before)] == before
    assert budget.plan.revisions[-1].moment == (1, 10_000)
    assert budget.plan.horizon(1, 10_000) == pytest.approx(10_000 + 29_000, rel=0.02)


# -- whole runs


def go(out: Path, **given: Any) -> Run:
    return ganwright.train("vanilla", "digits", out, **{**SMALL, **MINUTES, **given})


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles with fixed results, and a stopwatch that counts how often it is read."""
    found = profiler.Profile(least(examples=(1e-3,)), profiler.FileSizes(0, 0, 0, 0, 0))
    monkeypatch.setattr(session, "profile", lambda *_: found)
    counter = itertools.count()
    monkeypatch.setattr(Stopwatch, "seconds", property(lambda self: self.before + 0.01 * (next(counter) % 61)))


@pytest.mark.parametrize("stop", [32, 96, 256])
@pytest.mark.usefixtures("ticking")
def test_a_resumed_run_repeats_the_recorded_revisions(
    stop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(stop, patch)
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path / "run", checkpoint_seconds=1e9)
    continued = go(tmp_path / "run")
    course = continued.settings["horizon"]
    assert len(course["revisions"]) > 1
    assert course["examples"] != course["planned"]
    assert continued.log()[-1]["examples"] >= course["examples"]
    shutil.copytree(continued.path, tmp_path / "again")
    shutil.rmtree(tmp_path / "again" / "checkpoint")  # without a checkpoint a run starts again, by the recorded plan
    unbroken = go(tmp_path / "again")
    assert unbroken.settings["horizon"] == course
    assert state(unbroken) == state(continued)
    assert log(unbroken) == log(continued)


@pytest.mark.usefixtures("ticking")
def test_more_minutes_are_planned_anew(tmp_path: Path) -> None:
    before = go(tmp_path).settings["horizon"]
    after = go(tmp_path, minutes=0.05).settings["horizon"]
    assert after["requested"]["minutes"] == 0.05
    assert after["examples"] > before["examples"]
    assert all(revision["examples"] > before["examples"] for revision in after["revisions"])
    with pytest.raises(UserError, match="are over"):
        go(tmp_path, minutes=0.001)
    assert Run(tmp_path).settings["horizon"]["examples"] == after["examples"]


def test_profiling_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiler, "SECONDS", 0.02)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    run = go(tmp_path / "run", minutes=0.02)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert run.settings["horizon"]["unit_costs"]["sample_grid"] > 0
    assert [path.name for path in checkpoint.saved(run.checkpoints)][-1] == checkpoint.name(run.log()[-1]["examples"])
