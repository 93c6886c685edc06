"""How long a run is to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganwright.config.horizon import RequestedHorizon
from ganwright.core.errors import UserError
from ganwright.planning.schedule_plan import Revision, SchedulePlan, plan_horizon
from planning.test_cost_model import PRICES

RECORDED = SchedulePlan(500, RequestedHorizon(examples=500))


def plan(asked: RequestedHorizon, recorded: SchedulePlan | None = None, seen: int = 0) -> int:
    examples = asked.examples or 1000
    return plan_horizon(asked, recorded, examples, lambda minutes: (int(3000 * minutes), PRICES), seen).examples


@pytest.mark.parametrize(
    ("asked", "examples"),
    [
        (RequestedHorizon(), 1000),
        (RequestedHorizon(examples=7), 7),
        (RequestedHorizon(minutes=2), 6000),
    ],
)
def test_a_new_run(asked: RequestedHorizon, examples: int) -> None:
    assert plan(asked) == examples


def test_what_was_planned_stays() -> None:
    assert plan(RequestedHorizon(), RECORDED, 100) == plan(RequestedHorizon(examples=500), RECORDED, 100) == 500
    minutes = SchedulePlan(6000, RequestedHorizon(minutes=2), PRICES, (Revision(0, 100, 5000),))
    assert (
        plan_horizon(RequestedHorizon(minutes=2), minutes, 1000, lambda minutes: pytest.fail("it was planned"), 100)
        is minutes
    )


@given(st.integers(1, 2000), st.integers(0, 2000))
def test_a_horizon_is_obeyed_unless_more_was_seen(examples: int, seen: int) -> None:
    asked = RequestedHorizon(examples=examples)
    if examples >= seen or asked == RECORDED.requested:
        assert plan(asked, RECORDED, seen) == examples
    else:
        with pytest.raises(UserError, match=f"trained on {seen:,} examples already, more than the {examples:,}"):
            plan(asked, RECORDED, seen)


def test_minutes_that_are_over_are_refused() -> None:
    with pytest.raises(UserError, match="--minutes 1, those already spent included, are over"):
        plan_horizon(RequestedHorizon(minutes=1), RECORDED, 1000, lambda minutes: (501, PRICES), 500)


def test_only_one_of_the_three() -> None:
    with pytest.raises(UserError, match="not --epochs and --minutes"):
        RequestedHorizon(epochs=1, minutes=1)


def test_the_horizon_in_force_is_a_function_of_the_moment() -> None:
    plan_ = SchedulePlan(1000, RequestedHorizon(minutes=1), PRICES, (Revision(0, 100, 900), Revision(0, 500, 950)))
    assert [plan_.horizon(0, examples) for examples in (0, 99, 100, 499, 500, 949)] == [1000, 1000, 900, 900, 950, 950]
    assert plan_.is_known(0, 500)
    assert not plan_.is_known(0, 501)
    later = SchedulePlan(1000, RequestedHorizon(minutes=1), PRICES, (*plan_.revisions, Revision(1, 200, 700)))
    assert later.horizon(0, 600) == 950  # the first attempt's decay is replayed unchanged
    assert later.horizon(1, 200) == later.horizon(1, 600) == 700


def test_a_plan_survives_a_round_trip() -> None:
    for plan_ in (RECORDED, SchedulePlan(1000, RequestedHorizon(minutes=1), PRICES, (Revision(0, 100, 900),))):
        assert SchedulePlan.from_dict(plan_.to_dict()) == plan_
    assert (
        SchedulePlan(1000, RequestedHorizon(minutes=1), PRICES, (Revision(0, 100, 900),)).to_dict()["examples"] == 900
    )
