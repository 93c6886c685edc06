"""Traits: numbers of a sample whose distributions a domain wants compared one by one, besides principal axes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINE = 0.05  # of a trait's mean size among real samples: smaller numbers are compared as 0
FREQUENT = 0.03  # share of real samples that have something, of which generated ones should have a tenth at least


def distances(fake: Mapping[str, Array], real: Mapping[str, Array]) -> dict[str, float]:
    """For each group of traits [n, k] the largest Kolmogorov-Smirnov distance of its columns, in [0, 1].

    It is 1 for a share, or an indicator, that real samples have and generated ones hardly. What is constant among real
    samples is left out.
    """
    return {name: max(map(_distance, fake[name].T, values.T), default=0.0) for name, values in real.items()}


def _distance(fake: Array, real: Array) -> float:
    if real.min() == real.max():
        return 0.0
    if real.min() == 0 and FREQUENT <= (real > 0).mean() < 1 and fake.mean() < real.mean() / 10:
        return 1.0
    fine = FINE * np.abs(real).mean()
    one, other = (np.sort(np.where(np.abs(values) < fine, 0.0, values)) for values in (fake, real))
    points = np.concatenate([one, other])
    below = [np.searchsorted(values, points, side="right") / len(values) for values in (one, other)]
    return float(np.abs(below[0] - below[1]).max())
