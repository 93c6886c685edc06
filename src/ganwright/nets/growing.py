"""Players that grow: they begin with pictures of four pixels a side and end with whole ones (Karras et al. 2018).

Levels halve the size, rounding up, until the smaller side has 3 or 4 pixels (32: 4, 8, 16, 32; 28: 4, 7, 14, 28). All
levels' layers are there from the beginning, so that an optimizer and a checkpoint never change their shape; `Growth`
says how far the players have grown. Pictures always have the full size outside of the networks: the generator enlarges
what it makes, the discriminator shrinks what it sees, and to shrink what was enlarged gives the same pixels back.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import channels_last

BASE = 4  # pixels: the coarsest level's smaller side has no more
SLOPE = 0.2
GROUP = 4  # samples whose deviation is taken together

Size = tuple[int, int]


def growing_sizes(height: int, width: int) -> list[Size]:
    """The levels from coarse to fine, each half the next, rounded up."""
    sizes = [(height, width)]
    while min(sizes[0]) > BASE:
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def growing_widths(finest: int, most: int, levels: int) -> list[int]:
    """Channels from coarse to fine: `finest` doubles at each coarser level, up to `most`."""
    return [min(finest << (levels - 1 - level), most) for level in range(levels)]


def shrunk(pictures: Tensor) -> Tensor:
    """Half the size, rounded up: means of 2x2 pixels, of those that are there at an odd edge."""
    return F.avg_pool2d(pictures, 2, ceil_mode=True, count_include_pad=False)


def enlarged(pictures: Tensor, size: Size) -> Tensor:
    """Twice the size by the nearest pixel, cut to `size`."""
    return F.interpolate(pictures, scale_factor=2.0, mode="nearest")[..., : size[0], : size[1]]


class Growth(nn.Module):
    """How far a network has grown: `level` of its levels are computed besides the coarsest.

    `opacity` [levels] is how much of each is seen over the coarser ones, from 0 to 1. It belongs to the weights, so
    that a network that is saved while it grows is as far grown when it is opened, where it computes all levels.
    """

    opacity: Tensor

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.level = levels - 1
        self.register_buffer("opacity", torch.ones(levels))

    def reach(self, level: int) -> None:
        """Grows to `level`, or back to it."""
        self.level = level
        self.opacity.copy_(torch.arange(len(self.opacity)) <= level)

    def fade(self, level: int, opacity: float) -> None:
        """Lets a level show through."""
        self.opacity[level] = opacity


def faded(pictures: Tensor, growth: Growth) -> Tensor:
    """Pictures as they look at this growth, in their full size: each level over the next coarser one.

    While a level fades in, so do its details in real pictures.
    """
    finest = len(growth.opacity) - 1
    levels = [pictures]
    for _ in range(finest):
        levels.insert(0, shrunk(levels[0]))
    seen = levels[0]
    for level, opacity in zip(levels[1:], growth.opacity[1:], strict=True):
        seen = enlarged(seen, size_of(level)).lerp(level, opacity)
    return seen


def size_of(pictures: Tensor) -> Size:
    return pictures.shape[2], pictures.shape[3]


# -- layers with equalised rates: weights are N(0, 1), and multiplied by gain / sqrt(inputs) where they are used, so
# -- that Adam, whose steps don't depend on a gradient's scale, moves all of them alike (section 4.1)


def start(layer: nn.Conv2d | nn.Linear) -> None:
    nn.init.normal_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)


class EqualConv(nn.Conv2d):
    """Keeps the resolution."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, gain: float = math.sqrt(2)) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        self.scale = gain / math.sqrt(inputs * kernel**2)
        start(self)

    def forward(self, pictures: Tensor) -> Tensor:
        return F.conv2d(pictures, self.weight * self.scale, self.bias, padding=self.padding)


class EqualLinear(nn.Linear):
    """Dense."""

    def __init__(self, inputs: int, outputs: int, gain: float = math.sqrt(2)) -> None:
        super().__init__(inputs, outputs)
        self.scale = gain / math.sqrt(inputs)
        start(self)

    def forward(self, features: Tensor) -> Tensor:
        return F.linear(features, self.weight * self.scale, self.bias)


class PixelNorm(nn.Module):
    """x / sqrt(mean of x^2 over the channels + 1e-8), at each pixel by itself (section 4.2)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class MinibatchDeviation(nn.Module):
    """Adds a channel: how much the samples of a group differ, on the average over channels and pixels (section 3).

    Groups are of `group` neighbouring samples of this process; where a batch leaves some over, they are told the
    deviation of the last `group`.
    """

    def __init__(self, group: int = GROUP) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        count = min(self.group, len(x))
        groups = torch.stack([x[min(i, len(x) - count) :][:count] for i in range(0, len(x), count)])
        deviation = (groups.var(1, correction=0) + 1e-8).sqrt().mean((1, 2, 3))  # [groups]
        told = deviation.repeat_interleave(count)[: len(x)]
        return torch.cat([x, told.view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])], 1)


# -- the players


class GrowingGenerator(nn.Module):
    """Latents [n, latent] to pictures [n, channels, height, width], unbounded: about [-1, 1].

    `widths` are the channels of each level, from coarse to fine.
    """

    def __init__(self, latent: int, shape: tuple[int, int, int], widths: list[int]) -> None:
        super().__init__()
        self.sizes = growing_sizes(*shape[1:])
        self.growth = Growth(len(self.sizes))
        height, width = self.sizes[0]
        first = EqualLinear(latent, widths[0] * height * width, gain=math.sqrt(2) / 4)
        self.first = nn.Sequential(PixelNorm(), first, nn.Unflatten(1, (widths[0], height, width)), *_normed())
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(*(_convolved(inputs, outputs) if level else []), *_convolved(outputs, outputs))
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
    """Pictures [n, channels, height, width], of the full size or of the level's, to scores [n].

    The mirror image of the generator, without normalisation.
    """

    def __init__(self, shape: tuple[int, int, int], widths: list[int]) -> None:
        super().__init__()
        self.sizes = growing_sizes(*shape[1:])
        self.growth = Growth(len(self.sizes))
        coarser = [widths[0], *widths[:-1]]
        self.pixels = nn.ModuleList([EqualConv(shape[0], width, kernel=1) for width in widths])
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(EqualConv(inputs, inputs), _active(), EqualConv(inputs, outputs), _active())
                for inputs, outputs in zip(widths[1:], coarser[1:], strict=True)
            ]
        )
        height, width = self.sizes[0]
        self.last = nn.Sequential(
            MinibatchDeviation(),
            EqualConv(widths[0] + 1, widths[0]),
            _active(),
            nn.Flatten(),
            EqualLinear(widths[0] * height * width, widths[0]),
            _active(),
            EqualLinear(widths[0], 1, gain=1.0),
            nn.Flatten(0),
        )
        channels_last(self)

    def at_level(self, pictures: Tensor) -> Tensor:
        """Pictures in the size of the level that is reached."""
        while size_of(pictures) != self.sizes[self.growth.level]:
            pictures = shrunk(pictures)
        return pictures

    def whole(self, pictures: Tensor) -> Tensor:
        """Pictures of that size in the full one."""
        for size in self.sizes[self.growth.level + 1 :]:
            pictures = enlarged(pictures, size)
        return pictures

    def forward(self, pictures: Tensor) -> Tensor:
        pictures = self.at_level(pictures)
        x = self._seen(pictures, self.growth.level)
        for level in range(self.growth.level, 0, -1):
            pictures, x = shrunk(pictures), shrunk(self.blocks[level - 1](x))
            x = self._seen(pictures, level - 1).lerp(x, self.growth.opacity[level])
        score: Tensor = self.last(x)
        return score

    def _seen(self, pictures: Tensor, level: int) -> Tensor:
        """Pictures of a level as its channels."""
        return F.leaky_relu(self.pixels[level](pictures), SLOPE)


def _active() -> nn.Module:
    return nn.LeakyReLU(SLOPE)


def _normed() -> list[nn.Module]:
    return [_active(), PixelNorm()]


def _convolved(inputs: int, outputs: int) -> list[nn.Module]:
    return [EqualConv(inputs, outputs), *_normed()]
