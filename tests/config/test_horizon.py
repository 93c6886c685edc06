"""The requested horizon, in examples."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import pictures
from ganwright.config.horizon import RequestedHorizon, examples_of_steps
from ganwright.config.recipe import resolve_recipe
from ganwright.core.errors import UserError
from ganwright.core.order import Epochs, Stream

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


@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 50))
def test_steps_of_epochs_end_with_the_rest_of_the_data(steps: int, batch: int, total: int) -> None:
    epoch = -(-total // batch)  # steps
    whole, rest = divmod(steps, epoch)
    assert examples_of_steps(steps, Epochs(batch), total) == whole * total + rest * batch
    assert examples_of_steps(steps, Stream(batch), total) == steps * batch


@pytest.mark.parametrize("other", ["steps", "epochs", "minutes"])
def test_one_unit_at_most(other: str) -> None:
    with pytest.raises(UserError, match=rf"^Give one of .*, not --examples and --{other}\.$"):
        RequestedHorizon(examples=1, **{other: 1})
