"""The requested horizon, in examples."""

from dataclasses import replace

import pytest

from conftest import pictures
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.recipe import resolve_recipe
from ganwright.core.errors import UserError
from ganwright.core.order import Stream

RECIPE = replace(resolve_recipe("vanilla", False, 0, {}).build(pictures(100)), order=Stream(32), examples=1000)


@pytest.mark.parametrize(
    ("requested", "examples"),
    [
        (RequestedHorizon(), 1000),
        (RequestedHorizon(examples=7), 7),
        (RequestedHorizon(steps=7), 7 * 32),
        (RequestedHorizon(epochs=2.5), 250),
        (RequestedHorizon(epochs=0.001), 1),
        (RequestedHorizon(minutes=2), 1000),
    ],
)
def test_a_horizon_in_examples(requested: RequestedHorizon, examples: int) -> None:
    assert requested.in_examples(RECIPE) == examples


@pytest.mark.parametrize(
    "requested",
    [
        RequestedHorizon(examples=10**30),
        RequestedHorizon(steps=10**30),
        RequestedHorizon(epochs=1e308),
        RequestedHorizon(epochs=1e30),
    ],
)
def test_a_training_without_end_is_refused(requested: RequestedHorizon) -> None:
    with pytest.raises(UserError, match=r"is more than 1,000,000,000,000,000 examples, the longest training there is"):
        requested.in_examples(RECIPE)


@pytest.mark.parametrize("other", ["steps", "epochs", "minutes"])
def test_one_unit_at_most(other: str) -> None:
    with pytest.raises(UserError, match=rf"^Give one of .*, not --examples and --{other}\.$"):
        RequestedHorizon(examples=1, **{other: 1})
