"""Shares of samples that lie apart from others, by the distances of real samples to their nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.draws import generator
from ganwright.core.metric import Array
from ganwright.metrics._checked import enough
from ganwright.metrics._neighbours import nearest

QUANTILE = 0.01  # of real samples, which counts as usual
MAX_COUNT = 2_000  # samples of each set


def outliers(fake: Array, real: Array) -> Mapping[str, float]:
    """Shares of fakes [n, d] and of real samples [m, d], each 0.01 if their distributions are equal.

    strays: fakes whose nearest real sample is farther than 99 % of real samples have their nearest other one.
    missing: real samples whose nearest fake is that far. repeated: fakes whose nearest other fake is as near as 1 % of
    real samples have their nearest other one. Both sets are cut to equal numbers, MAX_COUNT at most, at random, because
    distances shrink with them. Raises TooFewError below 100 samples of either.
    """
    one, other = equal_numbers(fake, real)
    usual = nearest_others(other)
    far = np.quantile(usual, 1 - QUANTILE)
    return {
        "strays": float((nearest(one, other)[0][:, 0] > far).mean()),
        "missing": float((nearest(other, one)[0][:, 0] > far).mean()),
        "repeated": _as_near(one, usual),
    }


def repeated(fake: Array, real: Array) -> float:
    """The share of that name alone, see `outliers`."""
    one, other = equal_numbers(fake, real)
    return _as_near(one, nearest_others(other))


def equal_numbers(fake: Array, real: Array) -> tuple[Array, Array]:
    """Random rows of each, the same for equal numbers of rows; raises TooFewError below 100."""
    size = min(len(fake), len(real), MAX_COUNT)
    enough("samples of each kind", size, round(1 / QUANTILE), "A quantile of 1 %")
    one, other = (
        samples[generator("outliers", len(samples)).permutation(len(samples))[:size]] for samples in (fake, real)
    )
    return one, other


def nearest_others(samples: Array) -> Array:
    """The distance of each row to its nearest other row, [n]."""
    return nearest(samples, samples, 1, itself=True)[0][:, 0]


def _as_near(fake: Array, usual: Array) -> float:
    return float((nearest_others(fake) <= np.quantile(usual, QUANTILE)).mean())
