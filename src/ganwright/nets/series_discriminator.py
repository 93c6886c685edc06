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

    Conditions are further channels, constant over time as the last `constant` channels of the series are. These enter
    twice: at every step, and by projection (Miyato & Koyama 2018), an inner product of the series' features with a
    vector that depends on what is constant. Without it the relation between, say, a static feature and the frequency of
    a wave is learned late.
    """

    def __init__(self, features: SeriesFeatures, constant: int = 0) -> None:
        super().__init__()
        self.features, self.constant = features, constant
        self.summary = nn.Sequential(dense(features.size, SUMMARY), nn.LeakyReLU(SLOPE))
        self.last = dense(SUMMARY, 1, 1.0)
        self.projection = _projection(constant)

    def forward(self, series: Tensor, condition: Tensor | None = None) -> Tensor:
        if condition is not None and condition.dim() == 2:  # given time steps are part of the series
            series = torch.cat([series, condition[:, None].expand(-1, series.shape[1], -1)], 2)
        summary = self.summary(self.features(series))
        score: Tensor = self.last(summary).flatten()
        if self.projection is not None:
            constant = series[:, 0, series.shape[2] - self.constant :]
            score = score + (summary * self.projection(constant)).sum(1)
        return score


def _projection(constant: int) -> nn.Module | None:
    """A dense network of what is constant over time, [n, constant] to [n, SUMMARY]; None if nothing is."""
    if not constant:
        return None
    return nn.Sequential(dense(constant, SUMMARY), nn.LeakyReLU(SLOPE), dense(SUMMARY, SUMMARY, SUMMARY**-0.5))


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
