"""Networks of one level of a Laplacian pyramid, conditioned on the upsampled coarser image.

The condition is [n, planes, height, width]; its first planes are the coarser image's channels (games/pyramid.py). Our
networks come first, then those of the LAPGAN program for 32x32 images (Denton et al. 2015).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import Down, Same, channels_last, resolutions
from ganwright.nets.dropout import Dropout
from ganwright.nets.mlp import MlpGenerator

SLOPE = 0.2  # of leaky ReLU


class DetailBlock(nn.Module):
    """x + conv(f(conv(f(x)))), with leaky ReLU f; the identity at initialisation."""

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
    """Maps noise [n, noise, ceil(height / 2), ceil(width / 2)] and a condition to images [n, channels, height, width].

    It works at half the size, that of the coarser image, with `width` channels and `depth` residual blocks, and ends
    with a sub-pixel convolution (Shi et al. 2016). The details are zero at initialisation: an untrained level returns
    the coarser image.
    """

    def __init__(self, shape: tuple[int, int, int], planes: int, noise: int, width: int, depth: int) -> None:
        super().__init__()
        self.channels, *self.size = shape
        self.from_condition = he(Down(planes, width))
        self.from_noise = he(Same(noise, width))
        self.layers = nn.Sequential(
            *(DetailBlock(width) for _ in range(depth)), nn.LeakyReLU(SLOPE), zero(Same(width, 4 * self.channels))
        )
        channels_last(self)

    def forward(self, noise: Tensor, condition: Tensor) -> Tensor:
        x = self.from_condition(condition) + self.from_noise(noise)
        details = F.pixel_shuffle(self.layers(x), 2)[..., : self.size[0], : self.size[1]]
        return condition[:, : self.channels] + details


class DetailDiscriminator(nn.Module):
    """Maps images [n, channels, height, width] and their condition to scores [n].

    The input is the condition and the details, image minus coarser image. `width` doubles at each coarser size, up to
    four times its value.
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
    """Draws weights from N(0, 2 / fan_in), which preserve the variance (He et al. 2015, equation 10)."""
    nn.init.normal_(layer.weight, std=math.sqrt(2 / layer.weight[0].numel()))
    return layer


def zero(layer: nn.Module) -> nn.Module:
    """Sets all weights to zero."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


# -- the source program


class Standard(nn.Module):
    """Standardises channels to mean 0 and deviation 1 by the data's moments, which are buffers."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.view(-1, 1, 1).clone())
        self.register_buffer("deviation", deviation.view(-1, 1, 1).clone())

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures - self.mean) / self.deviation


class SourceDetailGenerator(nn.Module):
    """Maps noise [n, 1, height, width] and a condition to images of its size by convolutions 7x7, 7x7, 5x5."""

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
    """Convolutions 5x5 and 5x5 with stride 2, then one dense layer; the input is the whole image, not the details."""

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
    """Maps latents [n, latent] to the coarsest images by two dense hidden layers of 1,200."""

    def __init__(self, latent: int, shape: tuple[int, int, int], standard: Standard) -> None:
        super().__init__()
        self.standard = standard
        self.layers = MlpGenerator(latent, shape, (1200, 1200), slope=0.0)

    def forward(self, latent: Tensor) -> Tensor:
        pictures: Tensor = self.layers(latent)
        return pictures * self.standard.deviation + self.standard.mean


class SourceCoarseDiscriminator(nn.Module):
    """Two dense hidden layers of 600 with dropout."""

    def __init__(self, shape: tuple[int, int, int], standard: Standard) -> None:
        super().__init__()
        hidden = [nn.Linear(math.prod(shape), 600), nn.ReLU(), Dropout(0.5)]
        more = [nn.Linear(600, 600), nn.ReLU(), Dropout(0.5)]
        self.layers = nn.Sequential(standard, nn.Flatten(), *hidden, *more, nn.Linear(600, 1), nn.Flatten(0))

    def forward(self, pictures: Tensor) -> Tensor:
        score: Tensor = self.layers(pictures)
        return score
