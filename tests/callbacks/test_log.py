"""The metric log: averages over the steps between two lines, also across calls of several steps and resumed runs."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from conftest import SMALL, pictures
from ganwright.callbacks.log import LOG_LINES, MAX_INTERVAL, MetricLog, log_interval
from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.every import Every
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.health.verdict import COLLAPSE, Verdict

BATCH = 10  # examples per step
OPTIONS = {name: value for name, value in SMALL.items() if name != "quiet"}
RECIPE = resolve_recipe("vanilla", False, 0, OPTIONS).build(pictures(50))


class Session:
    """A metric log with its clock; `lines` are those that were logged."""

    def __init__(self, every: int = 10**9, horizon: int = 10**9) -> None:
        self.lines: list[dict[str, Any]] = []
        self.copies: list[dict[str, Any]] = []
        self.clock = Clock()
        self.stopwatch: Any = SimpleNamespace(seconds=0.0)
        self.monitor: Any = SimpleNamespace(verdict=Verdict(), alarm=None)
        early_stopping: Any = SimpleNamespace(log_entry={"best": None})
        sinks = [self.lines.append, self.copies.append]
        self.log = MetricLog(
            RECIPE, Every(every), Horizon(horizon), self.stopwatch, self.monitor, early_stopping, sinks
        )

    def play(self, **terms: float | list[float]) -> None:
        """One step whose terms are numbers, or a call of several whose terms are lists."""
        steps = max(len(value) if isinstance(value, list) else 1 for value in terms.values())
        for _ in range(steps):
            self.clock.tick(BATCH)
        self.log(self.clock, Played(steps * BATCH, {name: torch.tensor(value) for name, value in terms.items()}))

    def averages(self) -> dict[str, float]:
        """Logs a line and returns its terms."""
        self.log.write(self.clock)
        return self.lines[-1]["terms"]


@pytest.mark.parametrize(
    "calls",
    [
        [1.0, 2.0, 3.0, 4.0, 8.0],
        [[1.0, 2.0, 3.0, 4.0, 8.0]],
        [[1.0, 2.0], [3.0], [4.0, 8.0]],
        [1.0, [2.0, 3.0, 4.0], 8.0],
    ],
)
def test_averages_are_means_over_steps_however_steps_are_grouped_into_calls(calls: list[Any]) -> None:
    session = Session()
    for values in calls:
        session.play(loss=values)
    assert session.averages() == {"loss": pytest.approx(18 / 5)}


def test_a_term_is_averaged_over_the_steps_that_have_it() -> None:
    session = Session()
    session.play(loss=1.0, penalty=8.0)
    session.play(loss=2.0)
    session.play(loss=[3.0, 6.0], penalty=[4.0])
    assert session.averages() == {"loss": 3.0, "penalty": 6.0}


def test_each_line_averages_the_steps_since_the_last() -> None:
    session = Session(every=2 * BATCH)
    for value in (1.0, 3.0, 10.0, 20.0):
        session.play(loss=value)
    assert [line["terms"]["loss"] for line in session.lines] == [2.0, 15.0]


def test_a_line_is_logged_where_an_interval_is_reached_or_crossed_and_at_the_horizon() -> None:
    session = Session(every=25, horizon=70)
    for _ in range(7):
        session.play(loss=0.0)
    assert [line["examples"] for line in session.lines] == [30, 50, 70]
    assert session.copies == session.lines


def test_an_alarm_is_logged_at_once_with_its_verdict() -> None:
    session = Session()
    session.play(loss=1.0)
    assert session.lines == []
    session.monitor.verdict = session.monitor.alarm = Verdict(COLLAPSE, "evidence")
    session.play(loss=2.0)
    assert session.lines[-1]["verdict"]["name"] == COLLAPSE
    assert session.lines[-1]["terms"] == {"loss": 1.5}


def test_a_line_says_where_the_run_stands() -> None:
    session = Session(every=2 * BATCH)
    session.clock.stage = 1
    session.stopwatch.seconds = 4.0
    session.play(loss=[1.0, 1.0])
    (line,) = session.lines
    assert (line["examples"], line["step"], line["stage"], line["epoch"]) == (20, 2, 1, 20 / 50)
    assert line["examples_per_second"] == 5
    assert line["learning_rates"] == {name: player.lr for name, player in RECIPE.game.players.items()}
    assert line["gradient_norms"].keys() == RECIPE.game.players.keys()
    assert "best" in line
    assert json.loads(json.dumps(line)) == line


def test_speed_counts_from_the_last_line_or_restart() -> None:
    session = Session(every=2 * BATCH)
    session.stopwatch.seconds = 1.0
    session.play(loss=0.0)
    session.log.restart_timer(session.clock)
    for seconds in (3.0, 5.0, 7.0):
        session.stopwatch.seconds = seconds
        session.play(loss=0.0)
    assert [line["examples_per_second"] for line in session.lines] == [10 / 2, 20 / 4]


def test_a_saved_and_loaded_log_continues_with_equal_averages() -> None:
    whole, parts, resumed = Session(), Session(), Session()
    for session in (whole, parts):
        session.play(loss=9.0)
        session.stopwatch.seconds = 1.0
        session.log.write(session.clock)
        session.play(loss=0.1, penalty=7.0)
        session.play(loss=[0.2, 0.7])
    resumed.log.load_state_dict(json.loads(json.dumps(parts.log.state_dict())))
    resumed.clock.load_state_dict(parts.clock.state_dict())
    for session in (whole, resumed):
        session.play(loss=0.3, other=1.0)
        session.stopwatch.seconds = 2.0
    assert resumed.averages() == whole.averages()
    assert resumed.lines == whole.lines[1:]  # speed counts from the line before, too


def test_a_log_without_steps_is_saved_and_loaded() -> None:
    session = Session()
    session.log.load_state_dict(json.loads(json.dumps(Session().log.state_dict())))
    session.play(loss=3.0)
    assert session.averages() == {"loss": 3.0}


def test_sums_of_more_processes_than_resume_are_averaged() -> None:
    session = Session()
    session.log.load_state_dict({"counts": {"loss": 1}, "sums": [[2.0], [6.0]], "last": [0, 0.0]})
    session.play(loss=8.0)
    assert session.averages() == {"loss": (4.0 + 8.0) / 2}


def test_terms_of_another_precision_are_averaged_in_that_of_the_weights() -> None:
    session = Session()
    session.clock.tick(BATCH)
    session.log(session.clock, Played(BATCH, {"loss": torch.tensor(1.5, dtype=torch.bfloat16)}))
    assert session.log.sums["loss"].dtype == RECIPE.any_weight.dtype
    assert session.averages() == {"loss": 1.5}


@pytest.mark.parametrize("horizon", [1, 199, 200, 12_345, 10**6, 10**8])
def test_a_run_logs_200_lines_or_one_for_each_5000_examples(horizon: int) -> None:
    every = log_interval(horizon, None)
    assert 1 <= every.n <= MAX_INTERVAL
    assert every.count(0, horizon) >= min(LOG_LINES, horizon)


def test_a_requested_interval_is_used_as_it_is() -> None:
    assert log_interval(100, 7_000) == Every(7_000)
