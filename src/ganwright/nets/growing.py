"""Progressively growing networks, from 4x4 images to full-size ones (Karras et al. 2018).

Levels halve the size, rounding up, until the smaller side has 3 or 4 pixels (32: 4, 8, 16, 32; 28: 4, 7, 14, 28). The
layers of all levels exist from the start, so that optimizers and checkpoints never change their shape; `Growth` holds
the current level. Outside of the networks images always have the full size: the generator upsamples its output, the
discriminator downsamples its input, and downsampling an upsampled image restores the same pixels.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import channels_last

BASE = 4  # pixels: maximum of the coarsest level's smaller side
SLOPE = 0.2  # of leaky ReLU
GROUP = 4  # samples of a minibatch deviation

Size = tuple[int, int]


def growing_sizes(height: int, width: int) -> list[Size]:
    """Sizes (height, width) of the levels from coarse to fine, each half of the next, rounded up."""
    sizes = [(height, width)]
    while min(sizes[0]) > BASE:
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def growing_widths(finest: int, maximum: int, levels: int) -> list[int]:
    """Channels from coarse to fine: `finest` doubles at each coarser level, up to `maximum`."""
    return [min(finest << (levels - 1 - level), maximum) for level in range(levels)]


def shrunk(pictures: Tensor) -> Tensor:
    """Half the size, rounded up: means of 2x2 pixels, of the remaining pixels at an odd edge."""
    return F.avg_pool2d(pictures, 2, ceil_mode=True, count_include_pad=False)


def enlarged(pictures: Tensor, size: Size) -> Tensor:
    """Twice the size by the nearest pixel, cropped to `size`."""
    return F.interpolate(pictures, scale_factor=2.0, mode="nearest")[..., : size[0], : size[1]]


class Growth(nn.Module):
    """The growth of a network: levels 0 to `level` are computed.

    `opacity` [levels] is the blending weight of each level over the coarser ones, from 0 to 1. It is a buffer, so that
    a network saved while it grows has the same output when it is loaded, where all levels are computed.
    """

    opacity: Tensor

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.level = levels - 1
        self.register_buffer("opacity", torch.ones(levels))

    def reach(self, level: int) -> None:
        """Sets the level, with all levels up to it at opacity 1."""
        self.level = level
        self.opacity.copy_(torch.arange(len(self.opacity)) <= level)

    def fade(self, level: int, opacity: float) -> None:
        """Sets the opacity of a level."""
        self.opacity[level] = opacity


def faded(pictures: Tensor, growth: Growth) -> Tensor:
    """Images in their full size with the details of this growth: each level blended over the next coarser one.

    The details of real images thus fade in together with their level.
    """
    finest = len(growth.opacity) - 1
    levels = [pictures]
    for _ in range(finest):
        levels.insert(0, shrunk(levels[0]))
    blended = levels[0]
    for level, opacity in zip(levels[1:], growth.opacity[1:], strict=True):
        blended = enlarged(blended, size_of(level)).lerp(level, opacity)
    return blended


def size_of(pictures: Tensor) -> Size:
    return pictures.shape[2], pictures.shape[3]


# -- layers with equalised learning rates: weights start as N(0, 1) and are multiplied by gain / sqrt(inputs) in the
# -- forward pass, so that Adam, whose steps do not depend on a gradient's scale, moves all of them alike (section 4.1)


def _initialise(layer: nn.Conv2d | nn.Linear) -> None:
    nn.init.normal_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)


class EqualConv(nn.Conv2d):
    """A convolution that keeps the resolution."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, gain: float = math.sqrt(2)) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        self.scale = gain / math.sqrt(inputs * kernel**2)
        _initialise(self)

    def forward(self, pictures: Tensor) -> Tensor:
        return F.conv2d(pictures, self.weight * self.scale, self.bias, padding=self.padding)


class EqualLinear(nn.Linear):
    """A dense layer."""

    def __init__(self, inputs: int, outputs: int, gain: float = math.sqrt(2)) -> None:
        super().__init__(inputs, outputs)
        self.scale = gain / math.sqrt(inputs)
        _initialise(self)

    def forward(self, features: Tensor) -> Tensor:
        return F.linear(features, self.weight * self.scale, self.bias)


class PixelNorm(nn.Module):
    """x / sqrt(mean of x^2 over the channels + 1e-8), at each pixel separately (section 4.2)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class MinibatchDeviation(nn.Module):
    """Appends a channel with the standard deviation over a group, averaged over channels and pixels (section 3).

    Groups are `group` consecutive samples; the remainder gets the deviation of the last `group` samples. They are those
    of the global batch where a process's micro-batch is a multiple of `group`; otherwise those of each micro-batch.
    """

    def __init__(self, group: int = GROUP) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        count = min(self.group, len(x))
        groups = torch.stack([x[min(i, len(x) - count) :][:count] for i in range(0, len(x), count)])
        deviation = (groups.var(1, correction=0) + 1e-8).sqrt().mean((1, 2, 3))  # [groups]
        deviation = deviation.repeat_interleave(count)[: len(x)]  # [n]
        return torch.cat([x, deviation.view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])], 1)

    def over_parts(self, size: int) -> str:
        return f"the minibatch deviation has groups of {self.group}, which {size} cuts" if size % self.group else ""

    over_shares = over_parts


# -- the networks


class GrowingGenerator(nn.Module):
    """Maps latents [n, latent] to images [n, channels, height, width] of about [-1, 1], without a bound.

    `widths` are the channels of each level, from coarse to fine.
    """

    def __init__(self, latent: int, shape: tuple[int, int, int], widths: list[int]) -> None:
        super().__init__()
        self.sizes = growing_sizes(*shape[1:])
        self.growth = Growth(len(self.sizes))
        height, width = self.sizes[0]
        first = EqualLinear(latent, widths[0] * height * width, gain=math.sqrt(2) / 4)
        self.first = nn.Sequential(PixelNorm(), first, nn.Unflatten(1, (widths[0], height, width)), *_norm_layers())
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(*(_convolution(inputs, outputs) if level else []), *_convolution(outputs, outputs))
                for level, (inputs, outputs) in enumerate(zip([0, *widths], widths, strict=False))
            ]
        )
        self.pixels = nn.ModuleList([EqualConv(width, shape[0], kernel=1, gain=1.0) for width in widths])
        channels_last(self)

    def forward(self, latent: Tensor) -> Tensor:
        x = self.blocks[0](self.first(latent))
        pictures: Tensor = self.pixels[0](x)
        for level, size in enumerate(self.sizes[1:], start=1):
            pictures = enlarged(pictures, size)
            if level <= self.growth.level:
                x = self.blocks[level](enlarged(x, size))
                pictures = pictures.lerp(self.pixels[level](x), self.growth.opacity[level])
        return pictures


class GrowingDiscriminator(nn.Module):
    """Maps images [n, channels, height, width], of the full size or of the level's, to scores [n].

    It mirrors the generator, without normalisation.
    """

    def __init__(self, shape: tuple[int, int, int], widths: list[int]) -> None:
        super().__init__()
        self.sizes = growing_sizes(*shape[1:])
        self.growth = Growth(len(self.sizes))
        coarser = [widths[0], *widths[:-1]]
        self.pixels = nn.ModuleList([EqualConv(shape[0], width, kernel=1) for width in widths])
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(EqualConv(inputs, inputs), _activation(), EqualConv(inputs, outputs), _activation())
                for inputs, outputs in zip(widths[1:], coarser[1:], strict=True)
            ]
        )
        height, width = self.sizes[0]
        self.last = nn.Sequential(
            MinibatchDeviation(),
            EqualConv(widths[0] + 1, widths[0]),
            _activation(),
            nn.Flatten(),
            EqualLinear(widths[0] * height * width, widths[0]),
            _activation(),
            EqualLinear(widths[0], 1, gain=1.0),
            nn.Flatten(0),
        )
        channels_last(self)

    def at_level(self, pictures: Tensor) -> Tensor:
        """Downsamples images to the size of the current level."""
        while size_of(pictures) != self.sizes[self.growth.level]:
            pictures = shrunk(pictures)
        return pictures

    def whole(self, pictures: Tensor) -> Tensor:
        """Upsamples images of the current level to the full size."""
        for size in self.sizes[self.growth.level + 1 :]:
            pictures = enlarged(pictures, size)
        return pictures

    def forward(self, pictures: Tensor) -> Tensor:
        pictures = self.at_level(pictures)
        x = self._from_pixels(pictures, self.growth.level)
        for level in range(self.growth.level, 0, -1):
            pictures, x = shrunk(pictures), shrunk(self.blocks[level - 1](x))
            x = self._from_pixels(pictures, level - 1).lerp(x, self.growth.opacity[level])
        score: Tensor = self.last(x)
        return score

    def _from_pixels(self, pictures: Tensor, level: int) -> Tensor:
        """The features of a level's images."""
        return F.leaky_relu(self.pixels[level](pictures), SLOPE)


def _activation() -> nn.Module:
    return nn.LeakyReLU(SLOPE)


def _norm_layers() -> list[nn.Module]:
    return [_activation(), PixelNorm()]


def _convolution(inputs: int, outputs: int) -> list[nn.Module]:
    return [EqualConv(inputs, outputs), *_norm_layers()]
