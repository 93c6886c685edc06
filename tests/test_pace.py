"""A run that was given minutes corrects its horizon, writes that down, and repeats it when it goes on."""

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
from ganwright import checkpoint, rehearsal, training
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.costs import Costs
from ganwright.course import Course
from ganwright.horizon import Asked
from ganwright.observers import Stopwatch
from ganwright.pace import MARKS, Corrected, Pace
from ganwright.run import Run
from test_costs import OCCASIONS, least
from test_training import log, state, stop_at

MINUTES = {"images": None, "minutes": 0.01, "report_every": 32, "sample_every": 10**6, "schedule": "cosine"}


class Slow(Stopwatch):
    """A stopwatch on which so many seconds pass with every image, after some for the start."""

    def __init__(self, clock: Clock, each: float) -> None:
        super().__init__()
        self.clock, self.each = clock, each

    @property
    def seconds(self) -> float:
        return 2.0 + self.each * self.clock.images


def played(each: float, horizon: int) -> tuple[float, Pace]:
    """Seconds at the end of a run of a minute, which expects a thousandth of a second an image."""
    clock, prices = Clock(), least(images=(1e-3,), closing=1.0)
    feed = Feed(points(), Stream(32), 0, Machine(torch.device("cpu")))
    stopwatch = Slow(clock, each)
    course = Course(horizon, Asked(minutes=1.0), prices)
    pace = Pace(course, Costs(OCCASIONS, prices), feed, stopwatch, lambda course: None)
    pace.begin(clock)
    while clock.images < pace.horizon:
        clock.tick(32)
        try:
            pace(clock, 32, {})
        except Corrected:
            pace.horizon = pace.course.horizon(0, clock.images)
    return stopwatch.seconds, pace


@pytest.mark.parametrize(("each", "horizon"), [(1e-3, 57_000), (2e-3, 57_000), (5e-4, 57_000), (1e-3, 20_000)])
def test_the_minutes_are_kept_whatever_the_speed(each: float, horizon: int) -> None:
    seconds, pace = played(each, horizon)
    assert seconds + 1.0 * each / 1e-3 == pytest.approx(60, abs=0.2)
    assert len(pace.course.corrections) >= 5


def test_without_minutes_nothing_is_corrected() -> None:
    feed = Feed(points(), Stream(32), 0, Machine(torch.device("cpu")))
    pace = Pace(Course(1000, Asked(images=1000)), None, feed, Stopwatch(), lambda course: pytest.fail("no"))
    pace.begin(Clock())
    for images in range(32, 1024, 32):
        pace(Clock(images, images // 32), 32, {})
    assert pace.course.corrections == ()
    assert pace.horizon == 1000


def test_next_is_where_it_is_corrected() -> None:
    _, pace = played(1e-3, 57_000)
    images, moments = 0, []
    while images < pace.horizon:
        images = pace.next(images)
        moments.append(images)
    assert moments == [*(math.ceil(mark * pace.horizon) for mark in MARKS), pace.horizon]
    assert all(pace._due(Clock(moment), 1) for moment in moments[:-1])


def test_a_new_attempt_plans_for_the_time_that_is_left() -> None:
    _, pace = played(1e-3, 57_000)
    before = pace.course.corrections
    pace.feed.attempt = 1
    clock = pace.stopwatch.clock  # type: ignore[attr-defined]
    pace.stopwatch = replace(Stopwatch(), before=30.0)
    clock.images = 10_000
    pace.begin(clock)
    assert pace.course.corrections[: len(before)] == before
    assert pace.course.corrections[-1].moment == (1, 10_000)
    assert pace.course.horizon(1, 10_000) == pytest.approx(10_000 + 29_000, rel=0.02)


# -- whole runs


def go(out: Path, **given: Any) -> Run:
    return ganwright.train("vanilla", "digits", out, **{**SMALL, **MINUTES, **given})


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rehearsals that say what they are told, and a stopwatch that is no clock but counts how often it is read."""
    found = rehearsal.Found(least(images=(1e-3,)), rehearsal.Weights(0, 0, 0, 0, 0))
    monkeypatch.setattr(training, "rehearsed", lambda *_: found)
    counter = itertools.count()
    monkeypatch.setattr(Stopwatch, "seconds", property(lambda self: self.before + 0.01 * (next(counter) % 61)))


@pytest.mark.parametrize("stop", [32, 96, 256])
@pytest.mark.usefixtures("ticking")
def test_stopped_and_continued_is_the_unbroken_run_of_that_course(
    stop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(stop, patch)
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path / "run", checkpoint_seconds=1e9)
    continued = go(tmp_path / "run")
    course = continued.settings["horizon"]
    assert len(course["corrections"]) > 1
    assert course["images"] != course["planned"]
    assert continued.log()[-1]["images"] >= course["images"]
    shutil.copytree(continued.path, tmp_path / "again")
    shutil.rmtree(tmp_path / "again" / "checkpoint")  # without one a run begins anew, by the course it had
    unbroken = go(tmp_path / "again")
    assert unbroken.settings["horizon"] == course
    assert state(unbroken) == state(continued)
    assert log(unbroken) == log(continued)


@pytest.mark.usefixtures("ticking")
def test_more_minutes_are_planned_anew(tmp_path: Path) -> None:
    before = go(tmp_path).settings["horizon"]
    after = go(tmp_path, minutes=0.05).settings["horizon"]
    assert after["asked"]["minutes"] == 0.05
    assert after["images"] > before["images"]
    assert all(correction["images"] > before["images"] for correction in after["corrections"])
    assert go(tmp_path, minutes=0.001).settings["horizon"]["images"] == after["images"]


def test_a_rehearsal_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "SECONDS", 0.02)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    run = go(tmp_path / "run", minutes=0.02)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert run.settings["horizon"]["prices"]["sheet"] > 0
    assert [path.name for path in checkpoint.saved(run.checkpoints)][-1] == checkpoint.name(run.log()[-1]["images"])
