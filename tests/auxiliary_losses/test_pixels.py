"""Tests of the pixel loss."""

from typing import Literal

import pytest
import torch

from conftest import forward_pass
from ganwright.auxiliary_losses.pixels import Pixels


@pytest.mark.parametrize(("distance", "expected"), [("l1", 0.5), ("mse", 0.25)])
def test_the_loss_is_the_weighted_mean_difference(distance: Literal["l1", "mse"], expected: float) -> None:
    real = torch.rand(2, 3, 4, 4)
    auxiliary_loss = Pixels(2.0, distance)
    assert auxiliary_loss.generator(forward_pass(real))["pixels"] == 0
    loss = auxiliary_loss.generator(forward_pass(real, real + 0.5))["pixels"]
    torch.testing.assert_close(loss, torch.tensor(2 * expected))
    assert auxiliary_loss.discriminator(forward_pass(real)) == {}
