"""Likeness: how far samples are from real ones, beside real samples' own distance, and how many of them are copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganwright.health.evidence import CHECKED, Array, distances, principal_axes, within

MAX_REAL = 1_024  # real samples whose features are computed
COPY = 0.5  # of the median distance of a real sample to its nearest neighbour: a copy is nearer to a real one
ENOUGH = 20  # real samples
NONE = 1e-6  # of the spread: a distance that is none, but for rounding


@dataclass(frozen=True)
class Likeness:
    """Real samples in the principal axes of some features, which fakes are compared with.

    own: the distance of some of the real samples to the others, by which that of fakes is divided
    near: the distance to the nearest real sample below which a sample is a copy
    """

    mean: Array  # [features]
    axes: Array  # [features, axes]
    real: Array  # [n, axes]
    own: float
    near: float

    @classmethod
    def fitted(cls, features: NDArray[Any]) -> Likeness:
        """Fits the features [n, d] of real samples in random order, of two at least."""
        values = features.astype(np.float64)
        mean = values.mean(0)
        axes = principal_axes(values - mean)
        points = (values - mean) @ axes
        some = min(CHECKED, len(points) // 2)
        smallest = NONE * within(points) or 1.0  # 1 where real samples are all equal
        nearest = nearest_other(points)
        near = COPY * float(np.median(nearest[nearest > smallest])) if (nearest > smallest).any() else smallest
        return cls(mean, axes, points, max(apart(points[:some], points[some:]), smallest), near)

    def multiple(self, features: NDArray[Any]) -> float:
        """The distance of fakes to real samples / that of as many real samples, about 1 for real ones."""
        some = min(CHECKED, len(self.real) // 2)
        return apart(self._projected(features)[:some], self.real[some:]) / self.own

    def copies(self, features: NDArray[Any]) -> float:
        """The share of fakes that are nearer to a real sample than COPY of what different real ones are to each other.

        It is 0 for fewer than ENOUGH real samples, in whose few axes any sample may be near.
        """
        if len(self.real) < ENOUGH:
            return 0.0
        return float((distances(self._projected(features), self.real).min(1) <= self.near).mean())

    def _projected(self, features: NDArray[Any]) -> Array:
        projected: Array = (features.astype(np.float64) - self.mean) @ self.axes
        return projected


def apart(one: Array, other: Array) -> float:
    """The root of the energy distance of two empirical distributions (Székely & Rizzo 2013), which is a metric."""
    squared = 2 * distances(one, other).mean() - distances(one, one).mean() - distances(other, other).mean()
    return float(np.sqrt(max(squared, 0.0)))


def nearest_other(points: Array) -> Array:
    """The distance of each point to the nearest other one, [n]."""
    between = distances(points, points)
    np.fill_diagonal(between, np.inf)
    nearest: Array = between.min(1)
    return nearest
