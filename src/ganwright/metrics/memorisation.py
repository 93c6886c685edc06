"""Memorisation: do fakes lie nearer to training samples than real samples do that were held out?

A distance to the nearest training sample says nothing by itself; held-out real samples show what to expect (Meehan,
Chaudhuri & Dasgupta, A non-parametric test to detect data-copying in generative models, 2020, arXiv:2004.05675).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.metrics._checked import enough, trained_on, two_sets
from ganwright.metrics._neighbours import nearest

QUANTILE = 0.01


def memorisation(fake: Array, held_out: Array, train: Array) -> tuple[float, float]:
    """The ratio of nearest distances to `train` [l, d], and the share of memorised fakes.

    The ratio is the median over `fake` [n, d] over the median over `held_out` [m, d]: about 1 for fresh samples, below
    it for copies. A fake is memorised when it is nearer to a training sample than the 1 % quantile of the held-out
    ones: 0.01 is expected of fresh samples. Held-out samples that are themselves exact copies of a training sample
    are left out. A UserError for features that are not finite or differ in dimension, or when all are copies; a
    TooFewError below 100 held-out samples, too few for the quantile.
    """
    expected = nearest_distances(held_out, train, "held-out real samples")
    return compare(nearest_distances(fake, train, "fakes"), expected)


def compare(distances: Array, expected: Array) -> tuple[float, float]:
    """Ratio and share, as above, from the nearest distances of fakes [n] and of held-out samples [m]."""
    enough("held-out real samples", len(expected), round(1 / QUANTILE), "The 1 % quantile")
    expected = expected[expected > 0]
    if not len(expected):
        raise UserError("Every held-out real sample is a copy of a training sample; others are needed.")
    ratio = np.median(distances) / np.median(expected)
    return float(ratio), float((distances < np.quantile(expected, QUANTILE)).mean())


def nearest_distances(samples: Array, train: Array, name: str = "samples") -> Array:
    """The distance of each row of `samples` [n, d] to its nearest row of `train` [l, d], float64 [n]."""
    return nearest(*two_sets(samples, train, (name, "training samples")))[0][:, 0]


def closest_pairs(fake: Array, train: Array, count: int) -> tuple[Array, Array]:
    """Rows in `fake` and rows in `train`, int64 [count] each: the fakes nearest to a training sample, nearest first.

    Each fake comes once, with its nearest training sample; there are fewer pairs when there are fewer fakes.
    """
    distances, rows = nearest(*two_sets(fake, train, ("fakes", "training samples")))
    return _first(distances[:, 0], rows[:, 0], count)


def _first(distances: Array, rows: Array, count: int) -> tuple[Array, Array]:
    order = distances.argsort(kind="stable")[:count]
    return order, rows[order]


def _measure(compared: Compared) -> Mapping[str, float]:
    train = trained_on(compared)
    ratio, share = compare(_found(compared.fake, train)[0], _found(compared.real, train)[0])
    return {"nearest training ratio": ratio, "memorised share": share}


def closest(fake: Samples, train: Samples, count: int) -> tuple[Array, Array]:
    """`closest_pairs` of samples whose nearest neighbours may have been measured already."""
    return _first(*_found(fake, train), count)


@lru_cache(maxsize=16)
def _found(samples: Samples, train: Samples) -> tuple[Array, Array]:
    """Distances to, and rows of, the nearest training samples; held-out ones are asked for with every set of fakes."""
    distances, rows = nearest(*two_sets(samples.values, train.values, ("samples", "training samples")))
    return distances[:, 0], rows[:, 0]


METRIC = Metric(
    view="features",
    values={"nearest training ratio": "as real", "memorised share": "lower"},
    measure=_measure,
    needs=frozenset({"train"}),
)
