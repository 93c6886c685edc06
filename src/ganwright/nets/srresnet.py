"""SRResNet, which enlarges a picture, and SRGAN's discriminator (Ledig et al. 2017), for pictures of any size.

The paper's generator is width 64, 16 blocks, batch norm, ends of 9x9, doubling step by step, and no base. Ours is built
for little compute: everything happens at the low resolution, and what is learned is the difference from an
interpolation.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import channels_last

Norm = Literal["none", "batch"]
Base = Literal["none", "bilinear", "bicubic"]
UpsamplingOrder = Literal["once", "steps"]

SMALL = 0.1  # of the usual first weights, where a layer's output is added to what is right already
SLOPE = 0.2  # of the discriminator's leaky ReLU


class SRResNetBlock(nn.Module):
    """x + f(x), two 3x3 convolutions deep."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        last = _convolution(width, width)
        _quieten(last)
        self.branch = nn.Sequential(
            _convolution(width, width), *_normed(width, norm), nn.PReLU(), last, *_normed(width, norm)
        )

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.branch(x)
        return x + changed


class SRResNet(nn.Module):
    """Pictures [n, channels, height, width] in [-1, 1] to such that are `scale` times as large.

    It takes a latent first, as generators do, and makes nothing of it. `base` is added to what the layers make;
    `upsampling` is "once", one convolution that makes all the pixels of a place (Shi et al. 2016), or "steps", one for
    each prime factor of the scale, with an activation. `ends` is the size of the first and the last kernel. `reach` is
    how many pixels away, at most, lies what a pixel depends on.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 3,
        width: int = 32,
        blocks: int = 8,
        norm: Norm = "none",
        base: Base = "bicubic",
        upsampling: UpsamplingOrder = "once",
        ends: int = 3,
    ) -> None:
        super().__init__()
        self.scale, self.base = scale, base
        self.first = nn.Sequential(_convolution(channels, width, ends), nn.PReLU())
        self.body = nn.Sequential(
            *(SRResNetBlock(width, norm) for _ in range(blocks)), _convolution(width, width), *_normed(width, norm)
        )
        factors = prime_factors(scale) if upsampling == "steps" else []
        steps = [layer for factor in factors for layer in _step(width, factor)]
        left = 1 if factors else scale
        last = _convolution(width, channels * left**2, ends)
        if base != "none":
            _quieten(last)
        self.upsampling = nn.Sequential(*steps, last, nn.PixelShuffle(left))
        self.reach = 2 * (ends // 2) + 2 * blocks + 1 + len(factors)  # an interpolation's 2 are always among them
        channels_last(self)

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        features = self.first(condition)
        pictures: Tensor = self.upsampling(features + self.body(features))
        return pictures if self.base == "none" else pictures + self._interpolated(condition)

    def _interpolated(self, pictures: Tensor) -> Tensor:
        return F.interpolate(pictures, scale_factor=self.scale, mode=self.base, align_corners=False)


class SrganDiscriminator(nn.Module):
    """Pictures [n, channels, height, width] of any size to scores [n, places down, places across].

    Pairs of 3x3 convolutions, the second of stride 2, the channels doubling to eight times `width` (the paper's is 64).
    The paper's two dense layers stand at each place of the last map, so that a score is that of a patch.
    """

    def __init__(self, channels: int = 3, width: int = 16, norm: Norm = "none") -> None:
        super().__init__()
        widths = [width << level for level in range(4)]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, *widths)):
            layers += [_convolution(inputs, outputs), *(_normed(outputs, norm) if layers else []), nn.LeakyReLU(SLOPE)]
            layers += [nn.Conv2d(outputs, outputs, 3, 2, 1), *_normed(outputs, norm), nn.LeakyReLU(SLOPE)]
        dense = [nn.Conv2d(widths[-1], 2 * widths[-1], 1), nn.LeakyReLU(SLOPE), nn.Conv2d(2 * widths[-1], 1, 1)]
        self.layers = nn.Sequential(*layers, *dense)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):  # with torch's own, smaller weights it does not wake up for a long time
                nn.init.kaiming_normal_(layer.weight, SLOPE)
        channels_last(self)

    def forward(self, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
        scores: Tensor = self.layers(pictures)
        return scores[:, 0]


def prime_factors(number: int) -> list[int]:
    """Those of a whole number above 0, from small to large."""
    factors, divisor = [], 2
    while number > 1:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors


def _convolution(inputs: int, outputs: int, size: int = 3) -> nn.Conv2d:
    """That keeps the resolution."""
    return nn.Conv2d(inputs, outputs, size, padding=size // 2)


def _normed(width: int, norm: Norm) -> list[nn.Module]:
    return [nn.BatchNorm2d(width)] if norm == "batch" else []


def _step(width: int, factor: int) -> list[nn.Module]:
    """Enlarges maps by a factor."""
    return [_convolution(width, width * factor**2), nn.PixelShuffle(factor), nn.PReLU()]


def _quieten(layer: nn.Conv2d) -> None:
    """Makes a layer's first outputs small."""
    for parameter in layer.parameters():
        parameter.data.mul_(SMALL)
