"""A linear probe: multinomial logistic regression on features, which says what class a sample looks like.

Alain & Bengio, Understanding intermediate layers using linear classifier probes, 2016, arXiv:1610.01644.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from ganwright.core import draws
from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Samples
from ganwright.metrics import _checked
from ganwright.metrics._checked import vectors

COUNT = 10_000  # training samples that are used, at most
DECAY = 1e-3  # of the squared weights, halved, beside a mean cross-entropy
STEPS, FLAT = 200, 1e-5  # L-BFGS ends after so many steps, or when no gradient is larger


@dataclass(frozen=True)
class Probe:
    """Class scores are ((x - mean) / deviation) @ weight + bias."""

    mean: Array  # [d]
    deviation: Array  # [d]
    weight: Array  # [d, classes]
    bias: Array  # [classes]

    @property
    def classes(self) -> int:
        return len(self.bias)

    def seen(self, features: Array) -> Array:
        """The most probable class of each row of finite features [n, d], int64 [n]."""
        return np.asarray(((features - self.mean) / self.deviation @ self.weight + self.bias).argmax(axis=1))


def fitted(compared: Compared) -> Probe:
    """The probe of the training samples' features and labels; a UserError where these are missing or useless."""
    return _fitted(_checked.trained_on(compared))


@lru_cache(maxsize=2)
def _fitted(samples: Samples) -> Probe:
    """Several metrics, and the same one for several sets of fakes, ask for the same probe."""
    return fit(vectors("training samples", samples.values), _checked.classes("training samples", samples))


def fit(features: Array, labels: Array) -> Probe:
    """The probe of finite features float64 [n, d] and classes int64 [n].

    The problem is strictly convex in the weights and starts from 0, so the same samples give the same probe. More than
    10,000 samples are cut to a fixed random choice. A UserError when all samples are of one class.
    """
    if len(np.unique(labels)) < 2:
        raise UserError("All training samples are of one class: there is nothing to tell apart.")
    rows = np.sort(draws.generator("probe", len(features)).permutation(len(features))[:COUNT])
    count, features, labels = int(labels.max()) + 1, features[rows], labels[rows]
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    solution = _solved(torch.from_numpy((features - mean) / deviation), torch.from_numpy(labels), count).numpy()
    return Probe(mean, deviation, solution[:-1], solution[-1])


def _solved(features: torch.Tensor, labels: torch.Tensor, count: int) -> torch.Tensor:
    """Weights and below them the biases, float64 [d + 1, classes]: the least cross-entropy + decay / 2 |weights|^2."""
    solution = torch.zeros(features.shape[1] + 1, count, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS(
        [solution], max_iter=STEPS, tolerance_grad=FLAT, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        search.zero_grad()
        value = cross_entropy(torch.addmm(solution[-1], features, solution[:-1]), labels)
        value = value + DECAY / 2 * solution[:-1].square().sum()
        value.backward()
        return value

    with torch.enable_grad():
        search.step(loss)
    return solution.detach()
