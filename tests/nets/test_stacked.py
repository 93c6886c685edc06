"""The small networks of stacked MNIST: shapes and numbers of parameters."""

import pytest
import torch
from torch import nn

from ganwright.nets.stacked import StackedDiscriminator, StackedGenerator
from ganwright.planning.network_summary import summary, total

PICTURES = (3, 28, 28)


def test_the_generator() -> None:
    sums = total(summary(StackedGenerator(), torch.randn(2, 256)))
    dense, up = 257 * 1024, 9 * (64 * 32 + 32 * 16 + 16 * 8) + 32 + 16 + 8
    norms, last = 2 * (64 + 32 + 16 + 8), 9 * 8 * 3 + 3
    assert (sums.shape, sums.parameters) == (PICTURES, dense + up + norms + last)


@pytest.mark.parametrize(
    ("share", "parameters"),
    [(0.5, 112 + 296 + 1168 + 257), (0.25, 56 + 76 + 296 + 129), (1.0, 224 + 1168 + 4640 + 513)],
)
def test_the_discriminator(share: float, parameters: int) -> None:
    sums = total(summary(StackedDiscriminator(share), torch.randn(2, *PICTURES)))
    assert (sums.shape, sums.parameters) == ((), parameters)


def test_batch_norm_is_used_only_on_request() -> None:
    norms = [
        sum(isinstance(layer, nn.BatchNorm2d) for layer in StackedDiscriminator(batch_norm=wanted).modules())
        for wanted in (False, True)
    ]
    assert norms == [0, 3]


def test_pictures_are_bounded() -> None:
    assert StackedGenerator()(torch.randn(4, 256) * 100).abs().max() <= 1
