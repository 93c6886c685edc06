"""Players of one level of a Laplacian pyramid: they see the coarser picture, enlarged, and make or judge details.

The condition is [n, planes, height, width] whose first planes are that picture's channels (games/pyramid.py). First
ours, then those of the LAPGAN program for pictures of 32x32 (Denton et al. 2015).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import Down, Same, channels_last, resolutions
from ganwright.nets.dropout import Dropout
from ganwright.nets.mlp import MlpGenerator

SLOPE = 0.2


class DetailBlock(nn.Module):
    """x + conv(f(conv(f(x)))), which starts as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LeakyReLU(SLOPE), he(Same(width, width)), nn.LeakyReLU(SLOPE), Same(width, width)
        )
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
            *(DetailBlock(width) for _ in range(depth)), nn.LeakyReLU(SLOPE), zero(Same(width, 4 * self.channels))
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


# -- as the source has them


class Standard(nn.Module):
    """Channels brought to mean 0 and deviation 1, by those of the data; both belong to the weights."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.view(-1, 1, 1).clone())
        self.register_buffer("deviation", deviation.view(-1, 1, 1).clone())

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures - self.mean) / self.deviation


class SourceDetailGenerator(nn.Module):
    """A plane of noise [n, 1, height, width] beside the condition, 7x7, 7x7, 5x5: to pictures of its size."""

    def __init__(self, planes: int, standard: Standard, width: int = 64) -> None:
        super().__init__()
        self.standard = standard
        self.channels = len(standard.mean)
        self.layers = nn.Sequential(
            nn.Conv2d(planes + 1, width, 7, padding=3),
            nn.ReLU(),
            nn.Conv2d(width, width, 7, padding=3),
            nn.ReLU(),
            nn.Conv2d(width, self.channels, 5, padding=2),
        )
        channels_last(self)

    def forward(self, noise: Tensor, condition: Tensor) -> Tensor:
        coarse, labels = condition[:, : self.channels], condition[:, self.channels :]
        details: Tensor = self.layers(torch.cat([noise, self.standard(coarse), labels], 1))
        return coarse + details * self.standard.deviation


class SourceDetailDiscriminator(nn.Module):
    """5x5, 5x5 with stride 2, one dense layer: it sees the details only as part of the whole picture."""

    def __init__(self, size: tuple[int, int], planes: int, standard: Standard, width: int = 64) -> None:
        super().__init__()
        self.standard = standard
        self.channels = len(standard.mean)
        height, across = (-(-side // 2) for side in size)
        self.layers = nn.Sequential(
            nn.Conv2d(planes, width, 5, padding=2),
            nn.ReLU(),
            nn.Conv2d(width, width, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            Dropout(0.5),
            nn.Linear(width * height * across, 1),
            nn.Flatten(0),
        )
        channels_last(self)

    def forward(self, pictures: Tensor, condition: Tensor) -> Tensor:
        labels = condition[:, self.channels :]
        score: Tensor = self.layers(torch.cat([self.standard(pictures), labels], 1))
        return score


class SourceCoarseGenerator(nn.Module):
    """Dense: a latent [n, latent] to the coarsest pictures, two hidden layers of 1,200."""

    def __init__(self, latent: int, shape: tuple[int, int, int], standard: Standard) -> None:
        super().__init__()
        self.standard = standard
        self.layers = MlpGenerator(latent, shape, (1200, 1200), slope=0.0)

    def forward(self, latent: Tensor) -> Tensor:
        pictures: Tensor = self.layers(latent)
        return pictures * self.standard.deviation + self.standard.mean


class SourceCoarseDiscriminator(nn.Module):
    """Dense: two hidden layers of 600 with dropout."""

    def __init__(self, shape: tuple[int, int, int], standard: Standard) -> None:
        super().__init__()
        hidden = [nn.Linear(math.prod(shape), 600), nn.ReLU(), Dropout(0.5)]
        more = [nn.Linear(600, 600), nn.ReLU(), Dropout(0.5)]
        self.layers = nn.Sequential(standard, nn.Flatten(), *hidden, *more, nn.Linear(600, 1), nn.Flatten(0))

    def forward(self, pictures: Tensor) -> Tensor:
        score: Tensor = self.layers(pictures)
        return score
