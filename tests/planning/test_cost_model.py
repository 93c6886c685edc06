"""What a run costs is what the observers then do."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ganwright
from conftest import SMALL
from ganwright.callbacks.log import log_interval
from ganwright.config.training_config import CallbackOptions
from ganwright.core.recipe import DisplayConfig
from ganwright.core.turn import Stage
from ganwright.planning.cost_model import CostModel, FileSizes, UnitCosts, WorkSchedule
from ganwright.runs import checkpoint

OCCASIONS = WorkSchedule(32, (Stage(()),), DisplayConfig(), CallbackOptions(), None)
PRICES = UnitCosts(2.0, (1e-3,), 1e-3, 2e-3, 0.5, 0.1, 0.02, 0.04, 0.8)
COSTS = CostModel(OCCASIONS, PRICES)


def least(**what: Any) -> UnitCosts:
    """Prices of which only those given are not nothing."""
    return replace(UnitCosts(0, (0,), 0, 0, 0, 0, 0, 0, 0), **what)


@pytest.mark.parametrize(
    "given",
    [{"examples": 640}, {"examples": 1000, "log_every": 100, "sample_every": 300}, {"examples": 96, "keep_every": 32}],
)
def test_kinds_of_work_come_as_often_as_they_are_counted(given: dict[str, Any], tmp_path: Path) -> None:
    run = ganwright.train("vanilla", "digits", tmp_path, **SMALL, **given)
    asked = {name: value for name, value in given.items() if name not in ("examples", "sample_every")}
    callbacks, display = CallbackOptions(**asked), DisplayConfig(every=given.get("sample_every"))
    counts = replace(OCCASIONS, callbacks=callbacks, display=display).counts(0, given["examples"], given["examples"])
    assert len(run.log()) == counts.log_lines
    assert len(run.sample_grids()) == 1 + counts.sample_grids
    kept = checkpoint.saved(run.checkpoints)
    if "keep_every" in given:
        assert len(kept) == counts.checkpoints // 2 == 3


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.integers(1, 10_000))
def test_what_comes_in_two_parts_is_what_comes_in_all(one: int, other: int, rest: int) -> None:
    """But for a report of a round that the whole has and neither part, where reports come more often than rounds."""
    middle, horizon = 32 * one, 32 * (one + other + rest)
    first, second = OCCASIONS.counts(0, middle, horizon), OCCASIONS.counts(middle, horizon, horizon)
    whole = OCCASIONS.counts(0, horizon, horizon)
    assert first.health_checks + second.health_checks == whole.health_checks
    assert first.examples[0] + second.examples[0] == whole.examples[0] == horizon
    assert 0 <= whole.log_lines - first.log_lines - second.log_lines <= (log_interval(horizon, None).n < 64)


def test_stages_have_prices_of_their_own() -> None:
    two = CostModel(replace(OCCASIONS, stages=(Stage((), examples=100), Stage(()))), least(examples=(1.0, 0.1)))
    assert two.seconds(0, 150, 300)["steps"] == pytest.approx(100 + 5)
    assert two.seconds(150, 300, 300)["steps"] == pytest.approx(15)


def test_stages_that_are_shares_grow_with_the_horizon() -> None:
    two = CostModel(replace(OCCASIONS, stages=(Stage((), share=0.25), Stage(()))), least(examples=(1.0, 0.1)))
    assert two.seconds(0, 400, 400)["steps"] == pytest.approx(100 + 30)
    assert two.within(1_300) == 4_000


@given(st.floats(0, 5_000), st.integers(0, 100_000))
def test_within_gives_the_largest_horizon(seconds: float, seen: int) -> None:
    horizon = COSTS.within(seconds, seen)
    assert horizon > seen
    assert COSTS.left(seen, horizon) <= seconds or horizon == seen + 1
    assert COSTS.left(seen, 2 * horizon) > seconds


def test_checkpoints_timed_checkpoints_come_between_the_healthy_ones() -> None:
    assert OCCASIONS.timed_checkpoints(600.0, 100_000, 100_000) == 0  # every half a minute a healthy one sets it back
    assert OCCASIONS.timed_checkpoints(2_600.0, 100_000, 100_000) == 40  # 130 s between two
    often = replace(OCCASIONS, callbacks=CallbackOptions(checkpoint_seconds=0))
    assert often.timed_checkpoints(1.0, 320, 320) == 10


def test_bytes() -> None:
    weights = FileSizes(log_line=1, sample_grid=10, checkpoint=1000, frame=5, rest=7)
    found = CostModel(OCCASIONS, least()).bytes(64_000, weights)
    assert found == {"checkpoints": 2000, "sample grids": 510, "log": 200, "animation": 255, "rest": 7}
    kept = replace(OCCASIONS, callbacks=CallbackOptions(keep_every=6_400), scored=100)
    assert CostModel(kept, least()).bytes(64_000, weights)["checkpoints"] == (2 + 1 + 9) * 1000
