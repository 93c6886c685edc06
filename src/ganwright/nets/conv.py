"""Convolutional players in the manner of DCGAN (Radford et al. 2016), for pictures of any size from 8 up.

Resolutions halve, rounding up, until the smaller side has 4 to 7 pixels (28: 28, 14, 7; 67x40: 67x40, 34x20, 17x10,
9x5). The generator climbs them by 4x4 transposed convolutions of stride 2, or by enlarging, and cuts the row or column
that is too many; the discriminator descends them by 4x4 convolutions of stride 2. Weights lie channels-last, which is
quicker on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.convolution import convolved, spread

BASE = 4  # pixels: the smaller side never gets smaller

Size = tuple[int, int]

_NORMS: dict[str, Callable[[int], list[nn.Module]]] = {
    "batch": lambda channels: [nn.BatchNorm2d(channels)],
    "layer": lambda channels: [nn.GroupNorm(1, channels)],
    "none": lambda channels: [],
}


def resolutions(height: int, width: int) -> list[Size]:
    """From coarse to fine, each half the next, rounded up."""
    sizes = [(height, width)]
    while min(sizes[0]) >= 2 * BASE:
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def channels(width: int, levels: int) -> list[int]:
    """Channels from coarse to fine: `width` halves at each level, but not below a quarter."""
    return [max(width >> level, width // 4, 1) for level in range(levels)]


class Up(nn.ConvTranspose2d):
    """Doubles the resolution, then cuts to `size`."""

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)
        self.size = size

    def forward(self, pictures: Tensor, output_size: list[int] | None = None) -> Tensor:
        return spread(pictures, self.weight, self.bias, 2, (1, 1))[..., : self.size[0], : self.size[1]]


class Enlarging(nn.Conv2d):
    """Doubles the resolution by the nearest pixel, convolves 3x3, then cuts to `size`.

    Every pixel gets as many of the kernel's weights, so that no checkers come out (Odena et al. 2016). Both steps at
    once are a 4x4 transposed convolution of stride 2, with less than half the multiplications.
    """

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__(inputs, outputs, 3)
        self.size = size

    def forward(self, pictures: Tensor) -> Tensor:
        return spread(pictures, enlarging(self.weight), self.bias, 2, (1, 1))[..., : self.size[0], : self.size[1]]


def enlarging(kernel: Tensor) -> Tensor:
    """[outputs, inputs, 3, 3], for pictures enlarged twice by the nearest pixel, to [inputs, outputs, 4, 4] spread.

    Of the places o = 2i + k - 1 that pixel i is spread over, the kernel saw it as 2i and 2i + 1: K[k] = w[2 - k] +
    w[3 - k] along each axis. It lies channels-last, as all kernels do: where layouts are mixed, the graph of a round
    was seen to have other gradients than the round.
    """
    turned = kernel.flip(2, 3).transpose(0, 1)
    tall = F.pad(turned, (0, 0, 0, 1)) + F.pad(turned, (0, 0, 1, 0))
    return (F.pad(tall, (0, 1)) + F.pad(tall, (1, 0))).contiguous(memory_format=torch.channels_last)


class Down(nn.Conv2d):
    """Halves the resolution, rounding up."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        return convolved(pictures, self.weight, self.bias, 2, (1, 1))


class Gathered(nn.Conv2d):
    """Halves the resolution, rounding up: 2x2 pixels become channels, which a 3x3 kernel sees.

    It reaches as far as a 6x6 kernel of stride 2. For a discriminator's first layer, where channels are few, it is
    quicker than that.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(4 * inputs, outputs, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        height, width = pictures.shape[2:]
        gathered = F.pixel_unshuffle(F.pad(pictures, (0, width % 2, 0, height % 2)), 2)
        return convolved(gathered, self.weight, self.bias, 1, (1, 1))


class Same(nn.Conv2d):
    """Keeps the resolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        return convolved(pictures, self.weight, self.bias, 1, (1, 1))


Doubling = Callable[[int, int, Size], nn.Module]  # of so many input and output channels, to a size
Halving = Callable[[int, int], nn.Module]  # of so many input and output channels


class ConvGenerator(nn.Module):
    """Latents [n, latent] to pictures [n, channels, height, width] in [-1, 1].

    `width` is the number of channels at the coarsest resolution; `depth` - 1 is the number of further 3x3
    convolutions at each one; `norm` is "batch", "layer" or "none"; `doubling` makes the layers that climb.
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
    ) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])
        widths = channels(width, len(sizes) - 1)
        layers: list[nn.Module] = [
            nn.Linear(latent, widths[0] * sizes[0][0] * sizes[0][1]),
            nn.Unflatten(1, (widths[0], *sizes[0])),
            *_active(widths[0], norm, slope),
            *_further(widths[0], depth, norm, slope),
        ]
        for (inputs, outputs), size in zip(pairwise(widths), sizes[1:-1], strict=True):
            layers += [
                doubling(inputs, outputs, size),
                *_active(outputs, norm, slope),
                *_further(outputs, depth, norm, slope),
            ]
        self.layers = nn.Sequential(*layers, doubling(widths[-1], shape[0], sizes[-1]), nn.Tanh())
        channels_last(self)

    def forward(self, latent: Tensor) -> Tensor:
        pictures: Tensor = self.layers(latent)
        return pictures


class ConvDiscriminator(nn.Module):
    """Pictures [n, channels, height, width] to scores [n]; the parameters are those of `ConvGenerator`.

    `first` makes the layer that sees the pictures.
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
    """The layers of a `ConvDiscriminator` without the last: pictures to features [n, features], and how many."""
    sizes = resolutions(*shape[1:])
    widths = channels(width, len(sizes) - 1)[::-1]
    layers: list[nn.Module] = []
    for level, (inputs, outputs) in enumerate(pairwise((shape[0], *widths))):
        halving = Down if level else first
        layers += [halving(inputs, outputs), *_active(outputs, norm if level else "none", slope)]
        layers += _further(outputs, depth, norm, slope)
    return nn.Sequential(*layers, nn.Flatten()), widths[-1] * sizes[0][0] * sizes[0][1]


def _active(channels: int, norm: str, slope: float) -> list[nn.Module]:
    """Normalisation and leaky ReLU."""
    if norm not in _NORMS:
        raise ValueError(f"{norm!r} is not one of the norms {', '.join(_NORMS)}.")
    return [*_NORMS[norm](channels), nn.LeakyReLU(slope)]


def _further(channels: int, depth: int, norm: str, slope: float) -> list[nn.Module]:
    """`depth` - 1 convolutions that keep the resolution."""
    layers: list[nn.Module] = []
    for _ in range(depth - 1):
        layers += [Same(channels, channels), *_active(channels, norm, slope)]
    return layers


def channels_last(network: nn.Module) -> None:
    """Lays the kernels out [out, height, width, in], which activations then follow."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
