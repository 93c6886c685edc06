"""Discriminators of series [n, time, channels]: convolutional, LSTM and GRU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise

import torch
from torch import Tensor, nn

from ganwright.nets.temporal import SLOPE, TemporalConv, dense, lengths, widths
from ganwright.nets.temporal_generator import CELLS, Cell

SUMMARY = 128  # numbers


class SeriesFeatures(nn.Module, ABC):
    """Maps [n, steps, inputs] to [n, size]."""

    size: int

    @abstractmethod
    def forward(self, series: Tensor) -> Tensor: ...


class SeriesDiscriminator(nn.Module):
    """Maps encoded series [n, steps, channels], and static conditions [n, d] if there are any, to scores [n].

    Conditions are further channels, constant over time.
    """

    def __init__(self, features: SeriesFeatures) -> None:
        super().__init__()
        self.features = features
        self.score = nn.Sequential(
            dense(features.size, SUMMARY), nn.LeakyReLU(SLOPE), dense(SUMMARY, 1, 1.0), nn.Flatten(0)
        )

    def forward(self, series: Tensor, condition: Tensor | None = None) -> Tensor:
        if condition is not None and condition.dim() == 2:  # given time steps are part of the series
            series = torch.cat([series, condition[:, None].expand(-1, series.shape[1], -1)], 2)
        score: Tensor = self.score(self.features(series))
        return score


class ConvFeatures(SeriesFeatures):
    """Convolutions that halve the number of time steps, flattened: [n, steps, inputs] to [n, size]."""

    def __init__(self, inputs: int, steps: int, width: int) -> None:
        super().__init__()
        _, *sizes = lengths(steps)
        channels = [inputs, *widths(width, max(len(sizes), 1))]
        stride = 2 if sizes else 1
        self.layers = nn.Sequential()
        for fine, coarse in pairwise(channels):
            self.layers.extend([TemporalConv(fine, coarse, stride=stride), nn.LeakyReLU(SLOPE)])
        self.layers.append(nn.Flatten())
        self.size = (sizes or [steps])[-1] * channels[-1]

    def forward(self, series: Tensor) -> Tensor:
        features: Tensor = self.layers(series)
        return features


class RecurrentFeatures(SeriesFeatures):
    """The last and the mean state of a recurrent network: [n, steps, inputs] to [n, size]."""

    def __init__(self, inputs: int, width: int, cell: Cell, layers: int = 1) -> None:
        super().__init__()
        self.recurrent = CELLS[cell](inputs, width, layers, batch_first=True)
        self.size = 2 * width

    def forward(self, series: Tensor) -> Tensor:
        states, _ = self.recurrent(series)
        return torch.cat([states[:, -1], states.mean(1)], 1)
