"""Convolutional networks in the manner of DCGAN (Radford et al. 2016), for images of any size from 8 up.

Resolutions halve, rounding up, until the smaller side has 4 to 7 pixels (28: 28, 14, 7; 67x40: 67x40, 34x20, 17x10,
9x5). The generator doubles the resolution by 4x4 transposed convolutions of stride 2, or by nearest-neighbour
upsampling and convolution, and crops the surplus row or column. The discriminator halves it by 4x4 convolutions of
stride 2. Weights are stored channels-last, which is faster on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BASE = 4  # pixels: minimum of the smaller side

Size = tuple[int, int]

_NORMS: dict[str, Callable[[int], list[nn.Module]]] = {
    "batch": lambda channels: [nn.BatchNorm2d(channels)],
    "layer": lambda channels: [nn.GroupNorm(1, channels)],
    "none": lambda channels: [],
}


def resolutions(height: int, width: int) -> list[Size]:
    """Sizes (height, width) from coarse to fine, each half of the next, rounded up."""
    sizes = [(height, width)]
    while min(sizes[0]) >= 2 * BASE:
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def channels(width: int, levels: int) -> list[int]:
    """Channels from coarse to fine: `width` halves at each level, down to a quarter."""
    return [max(width >> level, width // 4, 1) for level in range(levels)]


class Up(nn.ConvTranspose2d):
    """Doubles the resolution by a transposed convolution, then crops to `size`."""

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)
        self.size = size

    def forward(self, pictures: Tensor, output_size: list[int] | None = None) -> Tensor:
        return super().forward(pictures)[..., : self.size[0], : self.size[1]]


class NearestUp(nn.Conv2d):
    """Doubles the resolution by the nearest pixel, applies a 3x3 convolution, then crops to `size`.

    Every output pixel receives the same number of kernel weights, which avoids checkerboard artefacts (Odena et al.
    2016). Both operations are fused into one 4x4 transposed convolution of stride 2, with less than half of the
    multiplications.
    """

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__(inputs, outputs, 3)
        self.size = size

    def forward(self, pictures: Tensor) -> Tensor:
        kernel = fused_kernel(self.weight)
        return F.conv_transpose2d(pictures, kernel, self.bias, 2, 1)[..., : self.size[0], : self.size[1]]


def fused_kernel(kernel: Tensor) -> Tensor:
    """A 3x3 kernel [outputs, inputs, 3, 3] after nearest upsampling as a transposed one, [inputs, outputs, 4, 4].

    Pixel i contributes to the outputs o = 2i + k - 1, and the 3x3 kernel reads it at 2i and 2i + 1: K[k] = w[2 - k] +
    w[3 - k] along each axis. The result is channels-last, the layout of all kernels.
    """
    flipped = kernel.flip(2, 3).transpose(0, 1)
    tall = F.pad(flipped, (0, 0, 0, 1)) + F.pad(flipped, (0, 0, 1, 0))
    return (F.pad(tall, (0, 1)) + F.pad(tall, (1, 0))).contiguous(memory_format=torch.channels_last)


class Down(nn.Conv2d):
    """Halves the resolution, rounding up, by a 4x4 convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        return super().forward(even(pictures))


class UnshuffleDown(nn.Conv2d):
    """Halves the resolution, rounding up: a pixel unshuffle by 2, then a 3x3 convolution.

    The receptive field is that of a 6x6 kernel of stride 2. It is faster in a discriminator's first layer, where there
    are few channels.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(4 * inputs, outputs, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        return super().forward(F.pixel_unshuffle(even(pictures), 2))


class Same(nn.Conv2d):
    """A 3x3 convolution that keeps the resolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)


def even(pictures: Tensor) -> Tensor:
    """Pads with zeros below and to the right, to an even number of rows and columns."""
    height, width = pictures.shape[2:]
    return F.pad(pictures, (0, width % 2, 0, height % 2)) if height % 2 or width % 2 else pictures


Doubling = Callable[[int, int, Size], nn.Module]  # (input channels, output channels, output size)
Halving = Callable[[int, int], nn.Module]  # (input channels, output channels)


class ConvGenerator(nn.Module):
    """Maps latents [n, latent] to images [n, channels, height, width] in [-1, 1].

    `width` is the number of channels at the coarsest resolution; `depth` - 1 is the number of additional 3x3
    convolutions at each resolution; `norm` is "batch", "layer" or "none"; `doubling` makes the upsampling layers, and
    `output` the last activation.
    """

    def __init__(
        self,
        latent: int,
        shape: tuple[int, int, int],
        width: int = 64,
        depth: int = 2,
        norm: str = "batch",
        slope: float = 0.2,
        doubling: Doubling = Up,
        output: Callable[[], nn.Module] = nn.Tanh,
    ) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])
        widths = channels(width, len(sizes) - 1)
        layers: list[nn.Module] = [
            nn.Linear(latent, widths[0] * sizes[0][0] * sizes[0][1]),
            nn.Unflatten(1, (widths[0], *sizes[0])),
            *_norm_and_activation(widths[0], norm, slope),
            *_extra_convolutions(widths[0], depth, norm, slope),
        ]
        for (inputs, outputs), size in zip(pairwise(widths), sizes[1:-1], strict=True):
            layers += [
                doubling(inputs, outputs, size),
                *_norm_and_activation(outputs, norm, slope),
                *_extra_convolutions(outputs, depth, norm, slope),
            ]
        self.layers = nn.Sequential(*layers, doubling(widths[-1], shape[0], sizes[-1]), output())
        channels_last(self)

    def forward(self, latent: Tensor) -> Tensor:
        pictures: Tensor = self.layers(latent)
        return pictures


class ConvDiscriminator(nn.Module):
    """Maps images [n, channels, height, width] to scores [n]; the parameters are those of `ConvGenerator`.

    `first` makes the first layer.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        width: int = 64,
        depth: int = 1,
        norm: str = "none",
        slope: float = 0.2,
        first: Halving = Down,
    ) -> None:
        super().__init__()
        trunk, features = conv_trunk(shape, width, depth, norm, slope, first)
        self.layers = nn.Sequential(*trunk, nn.Linear(features, 1), nn.Flatten(0))
        channels_last(self)

    def forward(self, pictures: Tensor) -> Tensor:
        score: Tensor = self.layers(pictures)
        return score


def conv_trunk(
    shape: tuple[int, int, int],
    width: int = 64,
    depth: int = 1,
    norm: str = "none",
    slope: float = 0.2,
    first: Halving = Down,
) -> tuple[nn.Sequential, int]:
    """The layers of a `ConvDiscriminator` without the last, which map to [n, features], and `features`."""
    sizes = resolutions(*shape[1:])
    widths = channels(width, len(sizes) - 1)[::-1]
    layers: list[nn.Module] = []
    for level, (inputs, outputs) in enumerate(pairwise((shape[0], *widths))):
        halving = Down if level else first
        layers += [halving(inputs, outputs), *_norm_and_activation(outputs, norm if level else "none", slope)]
        layers += _extra_convolutions(outputs, depth, norm, slope)
    return nn.Sequential(*layers, nn.Flatten()), widths[-1] * sizes[0][0] * sizes[0][1]


def _norm_and_activation(channels: int, norm: str, slope: float) -> list[nn.Module]:
    """Normalisation and leaky ReLU."""
    if norm not in _NORMS:
        raise ValueError(f"{norm!r} is not one of the norms {', '.join(_NORMS)}.")
    return [*_NORMS[norm](channels), nn.LeakyReLU(slope)]


def _extra_convolutions(channels: int, depth: int, norm: str, slope: float) -> list[nn.Module]:
    """`depth` - 1 convolutions that keep the resolution, each with normalisation and activation."""
    layers: list[nn.Module] = []
    for _ in range(depth - 1):
        layers += [Same(channels, channels), *_norm_and_activation(channels, norm, slope)]
    return layers


def channels_last(network: nn.Module) -> None:
    """Stores kernels in channels-last memory, [out, height, width, in]; activations inherit the layout."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
