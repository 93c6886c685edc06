"""Discriminators of series [n, time, channels]: convolutional, LSTM and GRU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise

import torch
from torch import Tensor, nn

from ganwright.domains.series import Series
from ganwright.nets.temporal import SLOPE, TemporalConv, dense, lengths, widths
from ganwright.nets.temporal_generator import CELLS, Cell

FAINTEST = 1e-4  # mean square below which a change is not told from none: a root has no gradient at 0
SUMMARY = 128  # numbers


class SeriesFeatures(nn.Module, ABC):
    """Maps [n, steps, inputs] to [n, size]."""

    size: int

    @abstractmethod
    def forward(self, series: Tensor) -> Tensor: ...


class SeriesDiscriminator(nn.Module):
    """Maps encoded series [n, steps, channels], and static conditions [n, d] if there are any, to scores [n] or [n, 2].

    Conditions are further channels, constant over time as attributes are. What is constant enters twice: at every step,
    and by projection (Miyato & Koyama 2018), an inner product of the series' features with a vector that depends on it.
    Without it the relation between, say, a static feature and the frequency of a wave is learned late. Besides the
    features that `features` finds the score sees those of `TemporalStatistics`.

    Where attributes or lengths are generated an auxiliary discriminator scores these alone, as in DoppelGANger (Lin et
    al. 2020, section 4.1.2), and there are two scores. Other than there, the first has no gradient with respect to
    attributes and lengths, so that it judges the features given both, and a penalty treats the two separately.
    """

    def __init__(self, features: SeriesFeatures, domain: Series, static: int = 0) -> None:
        super().__init__()
        self.channels = domain.channels
        attributes = self.channels[-1]
        self.features = features
        self.statistics = TemporalStatistics(domain.steps)
        size = features.size + self.statistics.count * self.channels[0]
        self.summary = nn.Sequential(dense(size, SUMMARY), nn.LeakyReLU(SLOPE))
        self.last = dense(SUMMARY, 1, 1.0)
        self.projection = _projection(attributes + static)
        steps = domain.steps * domain.variable
        generates = not domain.given and (steps or attributes)
        self.auxiliary = AuxiliaryDiscriminator(steps, attributes + static) if generates else None

    def forward(self, series: Tensor, condition: Tensor | None = None) -> Tensor:
        features, flag, attributes = torch.split(series, self.channels, 2)
        static = series[:, :, :0]
        if condition is not None and condition.dim() == 2:  # given time steps are part of the series
            static = condition[:, None].expand(-1, series.shape[1], -1)
        if self.auxiliary is None:
            return self._score(features, flag, torch.cat([attributes, static], 2))
        score = self._score(features, flag.detach(), torch.cat([attributes.detach(), static], 2))
        # The mean over time: a penalty, which adds the squares of all channels' gradients, is weak on attributes.
        constant = torch.cat([attributes.mean(1), static[:, 0]], 1)
        return torch.stack([score, self.auxiliary(flag.flatten(1), constant)], 1)

    def _score(self, features: Tensor, flag: Tensor, constant: Tensor) -> Tensor:
        lasts = flag if flag.shape[2] else torch.ones_like(features[:, :, :1])
        seen = self.features(torch.cat([features, flag, constant], 2)), self.statistics(features, lasts)
        summary: Tensor = self.summary(torch.cat(seen, 1))
        score: Tensor = self.last(summary).flatten()
        if self.projection is None:
            return score
        vector: Tensor = self.projection(constant[:, 0])
        return score + (summary * vector).sum(1)


class TemporalStatistics(nn.Module):
    """Maps features [n, steps, features] to means and sizes of values and of their changes, [n, count features].

    Changes are x(t + lag) - x(t) for the lags 1, 2, 4, ..., and second differences; the size is the root mean square.
    Whether one of many features is too rough or too smooth is a linear function of these, and a quadratic one of what a
    convolution sees, which takes far longer to learn: features that are white noise stayed smooth. Logarithms of the
    sizes did worse, as their gradients are large where a feature hardly changes.
    """

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.lags = [2**power for power in range(steps.bit_length()) if 2**power < steps]
        self.count = 2 + len(self.lags) + (steps > 2)

    def forward(self, features: Tensor, lasts: Tensor) -> Tensor:
        """lasts: [n, steps, 1], 1 until the end of a series and 0 after it."""
        found = [(features * lasts).sum(1) / lasts.sum(1).clamp_min(1), _size(features, lasts)]
        found += [_size(features[:, lag:] - features[:, :-lag], lasts[:, lag:]) for lag in self.lags]
        if features.shape[1] > 2:
            second = features[:, 2:] - 2 * features[:, 1:-1] + features[:, :-2]
            found.append(_size(second, lasts[:, 2:]))
        return torch.cat(found, 1)


def _size(values: Tensor, lasts: Tensor) -> Tensor:
    """The root mean square over the time steps of a series: [n, time, features] to [n, features]."""
    squares = (values * lasts).square().sum(1) / lasts.sum(1).clamp_min(1)
    return (squares + FAINTEST).sqrt()


class AuxiliaryDiscriminator(nn.Module):
    """Maps generation flags [n, steps] and what is constant over time [n, constant] to scores [n].

    Both have a first layer of their own, so that the many flags do not drown few attributes.
    """

    def __init__(self, steps: int, constant: int) -> None:
        super().__init__()
        self.flag = dense(steps, SUMMARY) if steps else None
        self.constant = dense(constant, SUMMARY) if constant else None
        self.score = nn.Sequential(
            nn.LeakyReLU(SLOPE), dense(SUMMARY, SUMMARY), nn.LeakyReLU(SLOPE), dense(SUMMARY, 1, 1.0)
        )

    def forward(self, flag: Tensor, constant: Tensor) -> Tensor:
        hidden = [
            layer(inputs) for layer, inputs in ((self.flag, flag), (self.constant, constant)) if layer is not None
        ]
        score: Tensor = self.score(torch.stack(hidden).sum(0)).flatten()
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
