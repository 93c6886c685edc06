"""A linear probe: multinomial logistic regression on features, which predicts the classes of samples.

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

MAX_COUNT = 10_000  # training samples used
DECAY = 1e-3  # of half the squared weights, added to the mean cross-entropy
MAX_STEPS, TOLERANCE = 200, 1e-5  # of L-BFGS: iterations, and the largest gradient at convergence


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

    def predict(self, features: Array) -> Array:
        """The most probable class of each row of finite features [n, d], int64 [n]."""
        return np.asarray(((features - self.mean) / self.deviation @ self.weight + self.bias).argmax(axis=1))


def fitted(compared: Compared) -> Probe:
    """The probe of the training samples' features and labels; raises UserError if these are missing or of one class."""
    return _fitted(_checked.trained_on(compared))


@lru_cache(maxsize=2)
def _fitted(samples: Samples) -> Probe:
    """Cached, as several metrics and sets of fakes use the same probe."""
    return fit(vectors("training samples", samples.values), _checked.classes("training samples", samples))


def fit(features: Array, labels: Array) -> Probe:
    """The probe of finite features float64 [n, d] and classes int64 [n].

    The problem is strictly convex in the weights and starts from 0, so equal samples give equal probes. Of more than
    10,000 samples a fixed random subset is used. Raises UserError if all samples are of one class.
    """
    if len(np.unique(labels)) < 2:
        raise UserError("All training samples are of one class: a probe needs at least two.")
    rows = np.sort(draws.generator("probe", len(features)).permutation(len(features))[:MAX_COUNT])
    count, features, labels = int(labels.max()) + 1, features[rows], labels[rows]
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    solution = _minimiser(torch.from_numpy((features - mean) / deviation), torch.from_numpy(labels), count).numpy()
    return Probe(mean, deviation, solution[:-1], solution[-1])


def _minimiser(features: torch.Tensor, labels: torch.Tensor, count: int) -> torch.Tensor:
    """float64 [d + 1, classes], weights and biases (last row) of least cross-entropy + decay / 2 |weights|^2."""
    solution = torch.zeros(features.shape[1] + 1, count, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [solution], max_iter=MAX_STEPS, tolerance_grad=TOLERANCE, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = cross_entropy(torch.addmm(solution[-1], features, solution[:-1]), labels)
        value = value + DECAY / 2 * solution[:-1].square().sum()
        value.backward()
        return value

    with torch.enable_grad():
        optimizer.step(loss)
    return solution.detach()
