"""Players of one level of a Laplacian pyramid: they see the coarser picture, enlarged, and make or judge details.

The condition is [n, planes, height, width] whose first planes are that picture's channels (games/pyramid.py).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import Down, Same, channels_last, resolutions

SLOPE = 0.2


class Residual(nn.Module):
    """x + conv(f(conv(f(x)))), which starts as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.LeakyReLU(SLOPE), he(Same(width, width)), nn.LeakyReLU(SLOPE), Same(width, width))
        zero(self.layers[-1])

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.layers(x)
        return x + changed


class DetailGenerator(nn.Module):
    """Noise [n, noise, ceil(height / 2), ceil(width / 2)] and the condition to pictures [n, channels, height, width].

    It works at half the size, which the coarser picture has by nature, with `width` channels and `depth` residual
    blocks, and ends with four pixels for each place (Shi et al. 2016). The details start at zero: an untrained level
    hands the coarser picture on.
    """

    def __init__(self, shape: tuple[int, int, int], planes: int, noise: int, width: int, depth: int) -> None:
        super().__init__()
        self.channels, *self.size = shape
        self.seen = he(Down(planes, width))
        self.drawn = he(Same(noise, width))
        self.layers = nn.Sequential(
            *(Residual(width) for _ in range(depth)), nn.LeakyReLU(SLOPE), zero(Same(width, 4 * self.channels))
        )
        channels_last(self)

    def forward(self, noise: Tensor, condition: Tensor) -> Tensor:
        x = self.seen(condition) + self.drawn(noise)
        details = F.pixel_shuffle(self.layers(x), 2)[..., : self.size[0], : self.size[1]]
        return condition[:, : self.channels] + details


class DetailDiscriminator(nn.Module):
    """Pictures [n, channels, height, width] and their condition to scores [n].

    It sees the picture, the condition, and the details between them; `width` doubles at each coarser size, up to
    four times.
    """

    def __init__(self, shape: tuple[int, int, int], planes: int, width: int) -> None:
        super().__init__()
        self.channels = shape[0]
        sizes = resolutions(*shape[1:])
        inputs, layers = shape[0] + planes, list[nn.Module]()
        for level in range(max(len(sizes) - 1, 1)):
            outputs = width << min(level, 2)
            layers += [he(Down(inputs, outputs)), nn.LeakyReLU(SLOPE)]
            inputs = outputs
        height, across = (-(-side // 2 ** max(len(sizes) - 1, 1)) for side in shape[1:])
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(inputs * height * across, 1), nn.Flatten(0))
        channels_last(self)

    def forward(self, pictures: Tensor, condition: Tensor) -> Tensor:
        details = pictures - condition[:, : self.channels]
        score: Tensor = self.layers(torch.cat([details, condition], 1))
        return score


def he(layer: nn.Conv2d) -> nn.Conv2d:
    """Weights from N(0, 2 / inputs), which keep the size of what passes (He et al. 2015, equation 10)."""
    nn.init.normal_(layer.weight, std=math.sqrt(2 / layer.weight[0].numel()))
    return layer


def zero(layer: nn.Module) -> nn.Module:
    """All weights zero."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
