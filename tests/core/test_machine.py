"""The machine: valid and invalid devices and precisions."""

import pytest
import torch

from ganwright.core.errors import UserError
from ganwright.core.machine import Machine, full_precision


def test_defaults_on_a_cpu() -> None:
    machine = Machine.chosen("cpu")
    assert (machine.device.type, machine.dtype, machine.autocast) == ("cpu", torch.float32, None)
    assert machine.precision == "float32"
    assert Machine.chosen("cpu", "float64").dtype == torch.float64


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [
        ("cpu", "bfloat16", "GPU"),
        ("cpu", "flaot32", "float32"),
        ("tpux", "auto", "tpux"),
        ("cuda:99", "float32", "cuda:99"),
    ],
)
def test_invalid_devices_and_precisions_are_errors(device: str, precision: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Machine.chosen(device, precision)


def test_full_precision_inside_autocast() -> None:
    a = torch.ones(2, 2)
    with torch.autocast("cpu", torch.bfloat16):
        assert (a @ a).dtype == torch.bfloat16
        with full_precision(torch.device("cpu")):
            assert (a @ a).dtype == torch.float32
    assert (a @ a).dtype == torch.float32


def test_a_lower_precision_still_trains() -> None:
    """The GPU code path on the CPU: bfloat16 forward passes, losses and penalties in float32."""
    from conftest import pictures
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.loop import play_step
    from ganwright.recipes import dcgan
    from ganwright.recipes._convolutional import ConvNetworks
    from ganwright.recipes._two_player import Rules

    rules = Rules(batch=16, loss="relativistic", penalty="r1-r2")
    recipe = dcgan.recipe(pictures(), networks=ConvNetworks(width=8), rules=rules)
    machine = Machine(torch.device("cpu"), autocast=torch.bfloat16)
    feed = Feed(recipe.data, recipe.order, 0, machine)
    terms = play_step(recipe.game, recipe.stages[-1], Clock(), feed, 16)
    assert all(value.dtype == torch.float32 for value in terms.values())
    assert all(torch.isfinite(value) for value in terms.values())
