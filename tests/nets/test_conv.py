"""Convolutional networks at every size, and the effect of their parameters."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ganwright.nets.conv import ConvDiscriminator, ConvGenerator, NearestUp, UnshuffleDown, channels, resolutions
from ganwright.nets.initial import he_first

SIZES = [(n, n) for n in range(8, 68)] + [(8, 67), (67, 8), (40, 28), (9, 33)]


def test_resolutions_halve_rounding_up():
    assert resolutions(28, 28) == [(7, 7), (14, 14), (28, 28)]
    assert resolutions(67, 40) == [(9, 5), (17, 10), (34, 20), (67, 40)]
    assert resolutions(8, 8) == [(4, 4), (8, 8)]
    assert resolutions(7, 100) == [(7, 100)]


def test_channels_halve_down_to_a_quarter():
    assert channels(128, 5) == [128, 64, 32, 32, 32]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_shapes_at_every_size(size):
    shape = (1 + size[0] % 3, *size)
    fake = ConvGenerator(5, shape, width=4)(torch.randn(2, 5))
    assert fake.shape == (2, *shape)
    assert fake.abs().max() <= 1
    assert ConvDiscriminator(shape, width=4)(fake).shape == (2,)
    assert ConvDiscriminator(shape, width=4, first=UnshuffleDown)(fake).shape == (2,)


@pytest.mark.parametrize("size", [(8, 8), (9, 12), (13, 7)])
def test_pixel_unshuffle_and_3x3_are_a_6x6_convolution(size):
    layer, pictures = UnshuffleDown(2, 3), torch.randn(4, 2, *size)
    # [outputs, inputs, row, column, vertical tap, horizontal tap]: taps and rows or columns interleave
    kernel = layer.weight.reshape(3, 2, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(3, 2, 6, 6)
    even = F.pad(pictures, (0, size[1] % 2, 0, size[0] % 2))
    torch.testing.assert_close(layer(pictures), F.conv2d(even, kernel, layer.bias, stride=2, padding=2))


@pytest.mark.parametrize("size", [(8, 8), (9, 12), (64, 31)])
def test_nearest_up_is_a_convolution_of_the_upsampled_image(size):
    layer = NearestUp(5, 3, size).double()
    pictures = torch.randn(4, 5, -(-size[0] // 2), -(-size[1] // 2)).double()
    large = F.interpolate(pictures, scale_factor=2.0, mode="nearest")
    convolved = F.conv2d(large, layer.weight, layer.bias, padding=1)
    torch.testing.assert_close(layer(pictures), convolved[..., : size[0], : size[1]])


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
@pytest.mark.parametrize("depth", [1, 3])
def test_every_weight_has_a_gradient(norm, depth):
    generator = ConvGenerator(5, (3, 16, 18), width=8, depth=depth, norm=norm)
    discriminator = ConvDiscriminator((3, 16, 18), width=8, depth=depth, norm=norm)
    discriminator(generator(torch.randn(4, 5))).sum().backward()
    for network in (generator, discriminator):
        assert all(parameter.grad is not None for parameter in network.parameters())
        convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
        assert len(convolutions) == 2 + 2 * (depth - 1)


def test_without_batch_norm_samples_are_independent():
    for norm in ("none", "layer"):
        discriminator = ConvDiscriminator((1, 28, 28), width=8, norm=norm)
        generator = ConvGenerator(5, (1, 28, 28), width=8, norm=norm)
        latent = torch.randn(6, 5)
        fake = generator(latent)
        torch.testing.assert_close(fake[:2], generator(latent[:2]))
        torch.testing.assert_close(discriminator(fake)[:2], discriminator(fake[:2]))


def test_an_unknown_norm_raises_an_error_that_names_it():
    with pytest.raises(ValueError, match="'spectral' is not one of the norms"):
        ConvGenerator(5, (1, 28, 28), norm="spectral")


def test_weights_are_channels_last():
    for network in (ConvGenerator(5, (1, 28, 28)), ConvDiscriminator((1, 28, 28))):
        for parameter in network.parameters():
            assert parameter.dim() != 4 or parameter.is_contiguous(memory_format=torch.channels_last)


def test_initial_weights_preserve_the_variance():
    torch.manual_seed(0)
    x = torch.randn(8, 64, 12, 12)
    for layer in (nn.Conv2d(64, 64, 3), nn.Conv2d(64, 64, 4, stride=2), nn.ConvTranspose2d(64, 64, 4, stride=2)):
        outputs = he_first(nn.Sequential(nn.LeakyReLU(0.2), layer))(x)[..., 2:-2, 2:-2]
        assert outputs.square().mean().item() == pytest.approx(1, abs=0.25)
        assert layer.bias is not None
        assert not layer.bias.any()
