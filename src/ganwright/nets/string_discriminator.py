"""Discriminators of strings [n, length, symbols + 1]: by windows of symbols, convolutional and recurrent."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.series_discriminator import SUMMARY, SeriesFeatures
from ganwright.nets.string_bodies import ResidualConv
from ganwright.nets.temporal import SLOPE, TemporalConv, dense

WINDOWS = (2, 3, 4, 5)  # symbols


class StringDiscriminator(nn.Module):
    """Maps encoded strings, and classes [n] if there are any, to scores [n].

    Classes enter by projection (Miyato & Koyama 2018).
    """

    def __init__(self, features: SeriesFeatures, classes: int = 0) -> None:
        super().__init__()
        self.features = features
        self.last = dense(features.size, 1, 1.0)
        self.projection = nn.Embedding(classes, features.size) if classes else None
        if self.projection is not None:
            nn.init.normal_(self.projection.weight, std=features.size**-0.5)

    def forward(self, strings: Tensor, condition: Tensor | None = None) -> Tensor:
        features = self.features(strings)
        score: Tensor = self.last(features).flatten()
        return score if self.projection is None else score + (features * self.projection(condition)).sum(1)


class ResidualFeatures(SeriesFeatures):
    """Residual convolutions, flattened (Gulrajani et al. 2017, section 5.5): [n, length, symbols + 1] to [n, size]."""

    def __init__(self, shape: tuple[int, int], width: int, blocks: int) -> None:
        super().__init__()
        length, symbols = shape
        residual = (ResidualConv(width) for _ in range(blocks))
        self.layers = nn.Sequential(dense(symbols, width, 1.0), *residual, nn.Flatten())
        self.size = length * width

    def forward(self, series: Tensor) -> Tensor:
        features: Tensor = self.layers(series)
        return features


class WindowFeatures(SeriesFeatures):
    """Dense layers of all windows of 2 to 5 symbols, averaged and in order: [n, length, symbols + 1] to [n, size].

    The average sees how often each short piece occurs, as divergences of n-grams do, and the order sees the rest.
    """

    size = SUMMARY

    def __init__(self, shape: tuple[int, int], width: int) -> None:
        super().__init__()
        length, symbols = shape
        self.windows = nn.ModuleList(WindowLayer(symbols, width, size) for size in WINDOWS)
        self.pieces = nn.Sequential(nn.LeakyReLU(SLOPE), dense(len(WINDOWS) * width, 2 * width), nn.LeakyReLU(SLOPE))
        self.order = nn.Sequential(TemporalConv(2 * width, width, stride=2), nn.LeakyReLU(SLOPE), nn.Flatten())
        self.summary = nn.Sequential(dense(2 * width + -(-length // 2) * width, SUMMARY), nn.LeakyReLU(SLOPE))

    def forward(self, series: Tensor) -> Tensor:
        pieces = self.pieces(torch.cat([windows(series) for windows in self.windows], 2))
        mean = pieces.mean(1) * pieces.shape[1] ** 0.5  # as large as a piece, where they are independent
        features: Tensor = self.summary(torch.cat([mean, self.order(pieces)], 1))
        return features


class WindowLayer(nn.Module):
    """A dense layer of each window of `size` symbols, [n, length, symbols] to [n, length, outputs], zero-padded.

    The weights suit one-hot vectors: outputs have variance 1 at first.
    """

    def __init__(self, symbols: int, outputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.weights = dense(size * symbols, outputs, symbols**0.5)

    def forward(self, strings: Tensor) -> Tensor:
        padded = F.pad(strings, (0, 0, (self.size - 1) // 2, self.size // 2))
        out: Tensor = self.weights(padded.unfold(1, self.size, 1).flatten(2))
        return out
