"""The sub-pixel generator and its residual discriminator."""

import pytest
import torch
from torch import nn

from ganwright.nets.residual_discriminator import AnimeDiscriminator
from ganwright.nets.srresnet_generator import SrresnetGenerator, SubPixel

SIZES = [(n, n) for n in range(8, 36, 3)] + [(8, 37), (40, 28), (9, 33)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_shapes_at_every_size(size: tuple[int, int]) -> None:
    shape = (1 + 2 * (size[0] % 2), *size)
    fake = SrresnetGenerator(5, shape, width=4, blocks=1, last_kernel_size=3 + size[0] % 2)(torch.randn(2, 5))
    assert fake.shape == (2, *shape)
    assert fake.abs().max() <= 1
    assert AnimeDiscriminator(shape, width=2, blocks=1)(fake).shape == (2,)


@pytest.mark.parametrize(("size", "doublings"), [(8, 1), (16, 2), (32, 3), (64, 3), (128, 3)])
def test_the_resolution_doubles_at_most_three_times(size: int, doublings: int) -> None:
    generator = SrresnetGenerator(5, (3, size, size), width=4, blocks=1)
    assert sum(isinstance(layer, SubPixel) for layer in generator.modules()) == doublings


def test_every_weight_has_a_gradient() -> None:
    generator, discriminator = SrresnetGenerator(5, (3, 32, 32), 4, 2, 5), AnimeDiscriminator((3, 32, 32), 4, 2)
    discriminator(generator(torch.randn(4, 5))).sum().backward()
    for network in (generator, discriminator):
        assert all(parameter.grad is not None for parameter in network.parameters())


def test_the_discriminators_scores_are_independent() -> None:
    discriminator, some = AnimeDiscriminator((3, 16, 16), 4, 2), torch.randn(6, 3, 16, 16)
    torch.testing.assert_close(discriminator(some)[:2], discriminator(some[:2]))
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in discriminator.modules())
