"""How long a run is to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.errors import UserError
from ganwright.horizon import Asked, Seen, planned

RECORDED = {"images": 500, "asked": Asked(images=500).words()}


def plan(asked: Asked, recorded: dict[str, object] | None = None, seen: int = 0) -> int:
    return planned(asked, recorded, usual=1000, total=100, speed=lambda: 50.0, seen=Seen(seen, 10.0 if seen else 0.0))


@pytest.mark.parametrize(
    ("asked", "images"),
    [
        (Asked(), 1000),
        (Asked(images=7), 7),
        (Asked(epochs=2.5), 250),
        (Asked(epochs=0.001), 1),
        (Asked(minutes=1), 2910),
    ],
)
def test_a_new_run(asked: Asked, images: int) -> None:
    assert plan(asked) == images


def test_what_was_planned_stays() -> None:
    assert plan(Asked(), RECORDED, 100) == plan(Asked(images=500), RECORDED, 100) == 500


def test_minutes_count_what_was_spent() -> None:
    assert plan(Asked(minutes=1), RECORDED, 600) == 600 + int(50 * (58.2 - 10))


@given(st.integers(1, 2000), st.integers(0, 2000))
def test_a_horizon_that_is_behind_changes_nothing(images: int, seen: int) -> None:
    assert plan(Asked(images=images), RECORDED, seen) == (images if images > seen else 500)


def test_only_one_of_the_three() -> None:
    with pytest.raises(UserError, match="not --epochs and --minutes"):
        Asked(epochs=1, minutes=1)
