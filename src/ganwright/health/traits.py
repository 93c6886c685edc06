"""Traits: numbers of a sample whose distributions a domain wants compared one by one, besides principal axes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINE = 0.02  # of a trait's mean size among real samples: smaller differences do not count
FREQUENT = 0.03  # share of real samples that have something, of which generated ones should have a tenth at least


def distances(fake: Mapping[str, Array], real: Mapping[str, Array]) -> dict[str, float]:
    """For each group of traits [n, k] the largest distance of its columns' distributions, in [0, 1].

    It is the Kolmogorov-Smirnov distance, the largest difference of two distribution functions, but either may be
    shifted by FINE in its favour. It is 1 for a share, or an indicator, that real samples have and generated ones
    hardly. What is constant among real samples is left out.
    """
    return {name: max(map(_distance, fake[name].T, values.T), default=0.0) for name, values in real.items()}


def _distance(fake: Array, real: Array) -> float:
    if real.min() == real.max():
        return 0.0
    if real.min() == 0 and FREQUENT <= (real > 0).mean() < 1 and fake.mean() < real.mean() / 10:
        return 1.0
    fine = FINE * float(np.abs(real).mean())
    return max(_excess(fake, real, fine), _excess(real, fake, fine), 0.0)


def _excess(one: Array, other: Array, shift: float) -> float:
    """max over x of F(x) - G(x + shift), F and G the distribution functions of two samples."""
    points, above = np.sort(one), np.sort(other)
    below = np.arange(1, len(points) + 1) / len(points)
    return float((below - np.searchsorted(above, points + shift, side="right") / len(above)).max())
