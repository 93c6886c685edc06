"""SRResNet, which upscales images, and SRGAN's discriminator (Ledig et al. 2017), for images of any size.

The paper's generator has width 64, 16 blocks, batch norm, outer kernels of 9x9, upsampling in steps, and no base. The
defaults here need less compute: all layers work at the low resolution and learn the difference from an interpolation.
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

SMALL = 0.1  # scale of the initial weights of layers whose output is added to a good approximation
SLOPE = 0.2  # of the discriminator's leaky ReLU


class SRResNetBlock(nn.Module):
    """x + f(x), where f has two 3x3 convolutions."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        last = _convolution(width, width)
        _scale_down(last)
        self.branch = nn.Sequential(
            _convolution(width, width), *_norm(width, norm), nn.PReLU(), last, *_norm(width, norm)
        )

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.branch(x)
        return x + changed


class SRResNet(nn.Module):
    """Maps images [n, channels, height, width] in [-1, 1] to images that are `scale` times as large.

    The latent is the first argument, as in all generators, and is ignored. The interpolation `base` is added to the
    output of the layers. `upsampling` is "once", one sub-pixel convolution (Shi et al. 2016), or "steps", one with an
    activation for each prime factor of the scale. `kernel_size` is that of the first and last kernels. `reach` is the
    radius of the receptive field, in input pixels.
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
        kernel_size: int = 3,
    ) -> None:
        super().__init__()
        self.scale, self.base = scale, base
        self.first = nn.Sequential(_convolution(channels, width, kernel_size), nn.PReLU())
        self.body = nn.Sequential(
            *(SRResNetBlock(width, norm) for _ in range(blocks)), _convolution(width, width), *_norm(width, norm)
        )
        factors = prime_factors(scale) if upsampling == "steps" else []
        steps = [layer for factor in factors for layer in _sub_pixel(width, factor)]
        left = 1 if factors else scale
        last = _convolution(width, channels * left**2, kernel_size)
        if base != "none":
            _scale_down(last)
        self.upsampling = nn.Sequential(*steps, last, nn.PixelShuffle(left))
        self.reach = 2 * (kernel_size // 2) + 2 * blocks + 1 + len(factors)  # includes an interpolation's 2
        channels_last(self)

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        features = self.first(condition)
        pictures: Tensor = self.upsampling(features + self.body(features))
        return pictures if self.base == "none" else pictures + self._interpolated(condition)

    def _interpolated(self, pictures: Tensor) -> Tensor:
        return F.interpolate(pictures, scale_factor=self.scale, mode=self.base, align_corners=False)


class SrganDiscriminator(nn.Module):
    """Maps images [n, channels, height, width] of any size to scores of patches, [n, rows, columns].

    Pairs of 3x3 convolutions, the second of stride 2, with channels that double up to eight times `width` (64 in the
    paper). The paper's two dense layers are applied at each position of the last feature map.
    """

    def __init__(self, channels: int = 3, width: int = 16, norm: Norm = "none") -> None:
        super().__init__()
        widths = [width << level for level in range(4)]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, *widths)):
            layers += [_convolution(inputs, outputs), *(_norm(outputs, norm) if layers else []), nn.LeakyReLU(SLOPE)]
            layers += [nn.Conv2d(outputs, outputs, 3, 2, 1), *_norm(outputs, norm), nn.LeakyReLU(SLOPE)]
        dense = [nn.Conv2d(widths[-1], 2 * widths[-1], 1), nn.LeakyReLU(SLOPE), nn.Conv2d(2 * widths[-1], 1, 1)]
        self.layers = nn.Sequential(*layers, *dense)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):  # torch's smaller weights delay training for a long time
                nn.init.kaiming_normal_(layer.weight, SLOPE)
        channels_last(self)

    def forward(self, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
        scores: Tensor = self.layers(pictures)
        return scores[:, 0]


def prime_factors(number: int) -> list[int]:
    """The prime factors of a positive integer, in ascending order."""
    factors, divisor = [], 2
    while number > 1:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors


def _convolution(inputs: int, outputs: int, size: int = 3) -> nn.Conv2d:
    """A convolution that keeps the resolution."""
    return nn.Conv2d(inputs, outputs, size, padding=size // 2)


def _norm(width: int, norm: Norm) -> list[nn.Module]:
    return [nn.BatchNorm2d(width)] if norm == "batch" else []


def _sub_pixel(width: int, factor: int) -> list[nn.Module]:
    """A sub-pixel convolution that enlarges feature maps by `factor`, and its activation."""
    return [_convolution(width, width * factor**2), nn.PixelShuffle(factor), nn.PReLU()]


def _scale_down(layer: nn.Conv2d) -> None:
    """Scales a layer's initial weights down, so that its outputs start small."""
    for parameter in layer.parameters():
        parameter.data.mul_(SMALL)
