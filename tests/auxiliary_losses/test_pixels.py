"""Tests of the pixel loss."""

from typing import Literal

import pytest
import torch

from ganwright.auxiliary_losses.pixels import Pixels
from ganwright.core.batch import Batch


@pytest.mark.parametrize(("distance", "expected"), [("l1", 0.5), ("mse", 0.25)])
def test_the_loss_is_the_weighted_mean_difference(distance: Literal["l1", "mse"], expected: float) -> None:
    real = torch.rand(2, 3, 4, 4)
    auxiliary_loss = Pixels(2.0, distance)
    assert auxiliary_loss(real, Batch(real)) == 0
    torch.testing.assert_close(auxiliary_loss(real + 0.5, Batch(real)), torch.tensor(2 * expected))
