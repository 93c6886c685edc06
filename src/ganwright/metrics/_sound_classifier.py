"""A small convolutional classifier of spectrograms, trained on the labels of the real training part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core import draws
from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Samples
from ganwright.metrics import _checked
from ganwright.metrics._training import trained

MAX_COUNT = 10_000  # training samples used
STEPS, LR, BATCH = 400, 2e-3, 64  # of Adam
CHUNK = 256
CHANNELS = 16, 32, 64


class Network(nn.Module):
    """Three convolutions of stride 2 over bands and time, the mean over time, class scores: [n, bands, frames] to
    [n, classes]."""

    def __init__(self, bands: int, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((1, *CHANNELS), CHANNELS, strict=False):
            layers += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        for _ in CHANNELS:
            bands = (bands + 1) // 2
        self.last = nn.Linear(CHANNELS[-1] * bands, classes)

    def forward(self, spectrograms: Tensor) -> Tensor:
        scores: Tensor = self.last(self.layers(spectrograms.unsqueeze(1)).mean(3).flatten(1))
        return scores


@dataclass(frozen=True)
class SoundClassifier:
    """Reads spectrograms standardised by the mean and deviation of all training values."""

    network: nn.Module
    mean: float
    deviation: float

    @torch.no_grad()
    def probabilities(self, spectrograms: Array) -> Array:
        """Of the classes, float64 [n, classes], of spectrograms [n, bands, frames]."""
        parts = torch.from_numpy((spectrograms - self.mean) / self.deviation).float().split(CHUNK)
        return torch.cat([self.network(part).double().softmax(1) for part in parts]).numpy()


def fitted(compared: Compared) -> SoundClassifier:
    """The classifier of the training samples; raises UserError without any, or if they are of one class."""
    return _fitted(_checked.trained_on(compared))


@lru_cache(maxsize=2)
def _fitted(samples: Samples) -> SoundClassifier:
    """Cached, as two metrics and several sets of fakes use the same classifier."""
    labels, values = _checked.classes("training samples", samples), np.asarray(samples.values, dtype=np.float32)
    if len(np.unique(labels)) < 2:
        raise UserError("All training samples are of one class: a classifier needs at least two.")
    rows = np.sort(draws.generator("classifier", len(values)).permutation(len(values))[:MAX_COUNT])
    values, classes = values[rows], int(labels.max()) + 1
    mean, deviation = float(values.mean()), float(values.std()) or 1.0
    network = trained(
        lambda: Network(values.shape[1], classes),
        torch.from_numpy((values - mean) / deviation),
        torch.from_numpy(labels[rows]),
        F.cross_entropy,
        STEPS,
        LR,
        BATCH,
    )
    return SoundClassifier(network, mean, deviation)
