"""Memorisation: distances of fakes to their nearest training samples against those of held-out real samples.

The held-out samples give the distances expected without memorisation (Meehan, Chaudhuri & Dasgupta, A non-parametric
test to detect data-copying in generative models, 2020, arXiv:2004.05675).
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

    The ratio is the median over `fake` [n, d] divided by the median over `held_out` [m, d]: about 1 for new samples,
    smaller for copies. A fake is memorised if it is nearer to a training sample than the 1 % quantile of the held-out
    ones, so 0.01 is expected of new samples. Held-out samples that are exact copies of a training sample are left out.
    Raises UserError for features that are not finite or differ in dimension, or if all held-out samples are copies, and
    TooFewError below 100 held-out samples, as the quantile needs them.
    """
    expected = nearest_distances(held_out, train, "held-out real samples")
    return compare(nearest_distances(fake, train, "fakes"), expected)


def compare(distances: Array, expected: Array) -> tuple[float, float]:
    """Ratio and share as in `memorisation`, from the nearest distances of fakes [n] and of held-out samples [m]."""
    enough("held-out real samples", len(expected), round(1 / QUANTILE), "The 1 % quantile")
    expected = expected[expected > 0]
    if not len(expected):
        raise UserError("Every held-out real sample is a copy of a training sample.")
    ratio = np.median(distances) / np.median(expected)
    return float(ratio), float((distances < np.quantile(expected, QUANTILE)).mean())


def nearest_distances(samples: Array, train: Array, name: str = "samples") -> Array:
    """The distance of each row of `samples` [n, d] to its nearest row of `train` [l, d], float64 [n]."""
    return nearest(*two_sets(samples, train, (name, "training samples")))[0][:, 0]


def closest_pairs(fake: Array, train: Array, count: int) -> tuple[Array, Array]:
    """Rows of `fake` and rows of `train`, int64 [count] each: the fakes nearest to a training sample, nearest first.

    Each fake occurs once, with its nearest training sample; fewer fakes give fewer pairs.
    """
    distances, rows = nearest(*two_sets(fake, train, ("fakes", "training samples")))
    return _first(distances[:, 0], rows[:, 0], count)


def _first(distances: Array, rows: Array, count: int) -> tuple[Array, Array]:
    order = distances.argsort(kind="stable")[:count]
    return order, rows[order]


def _measure(compared: Compared) -> Mapping[str, float]:
    train = trained_on(compared)
    ratio, share = compare(_nearest(compared.fake, train)[0], _nearest(compared.real, train)[0])
    return {"nearest training ratio": ratio, "memorised share": share}


def closest(fake: Samples, train: Samples, count: int) -> tuple[Array, Array]:
    """`closest_pairs` of samples, whose nearest neighbours are cached."""
    return _first(*_nearest(fake, train), count)


@lru_cache(maxsize=16)
def _nearest(samples: Samples, train: Samples) -> tuple[Array, Array]:
    """Distances and rows of the nearest training samples; cached, as every set of fakes needs the held-out ones."""
    distances, rows = nearest(*two_sets(samples.values, train.values, ("samples", "training samples")))
    return distances[:, 0], rows[:, 0]


METRIC = Metric(
    view="features",
    values={"nearest training ratio": "as real", "memorised share": "lower"},
    measure=_measure,
    needs=frozenset({"train"}),
)
