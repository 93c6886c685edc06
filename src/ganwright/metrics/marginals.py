"""Distances between the distributions of single columns of a generated and the real table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.column import Column
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._rows import columns_of

MIN_ROWS = 20  # of each kind


def marginals(compared: Compared) -> Mapping[str, float]:
    """The mean and the largest of the columns' distances; `by_column` gives all of them."""
    distances = list(by_column(compared).values())
    return {"marginals": float(np.mean(distances)), "worst_marginal": max(distances)}


def by_column(compared: Compared) -> dict[str, float]:
    """Each column's distance in [0, 1], largest first.

    It is the total variation distance for categories, the Kolmogorov-Smirnov distance for numbers, where missing ones
    stand above all others. Raises TooFewError below 20 rows of either.
    """
    columns = columns_of(compared, MIN_ROWS)
    fake, real = compared.fake.values, compared.real.values
    distances = {column.name: _distance(column, fake[:, index], real[:, index]) for index, column in enumerate(columns)}
    return dict(sorted(distances.items(), key=lambda item: -item[1]))


def _distance(column: Column, fake: Array, real: Array) -> float:
    if column.categories:
        return total_variation(_shares(column, fake), _shares(column, real))
    return kolmogorov_smirnov(fake, real)


def total_variation(first: Array, second: Array) -> float:
    """1/2 sum |p - q| of two distributions over the same categories."""
    return float(np.abs(first - second).sum() / 2)


def kolmogorov_smirnov(first: Array, second: Array) -> float:
    """max over x of |F(x) - G(x)|, F and G the empirical distribution functions of two samples; NaN is sorted last."""
    points = np.sort(np.concatenate([first, second]))  # searchsorted is several times faster for sorted points
    below = [np.searchsorted(np.sort(values), points, side="right") / len(values) for values in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def _shares(column: Column, codes: Array) -> Array:
    return np.bincount(codes.astype(np.int64), minlength=column.width) / len(codes)


METRIC = Metric("rows", {"marginals": "lower", "worst_marginal": "lower"}, marginals)
