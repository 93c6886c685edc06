"""Differences between the column associations of a generated and the real table."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from ganwright.core.column import Column
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.metrics._rows import columns_of

MIN_ROWS = 100  # of each kind


def correlations(compared: Compared) -> Mapping[str, float]:
    """Mean over all pairs of columns of |association among fakes - association among real rows|, in [0, 2].

    The association is Pearson's correlation of two columns of numbers, the correlation ratio of numbers and categories,
    and Cramér's V of two columns of categories, the latter two bias-corrected; rows where either value is missing are
    left out of it, and it is 0 if there are no others. The mean is 0 for a table of one column. Raises TooFewError
    below 100 rows of either.
    """
    columns = columns_of(compared, MIN_ROWS)
    pairs = list(combinations(range(len(columns)), 2))
    gaps = [
        abs(_association(compared.fake, columns, *pair) - _association(compared.real, columns, *pair)) for pair in pairs
    ]
    return {"correlations": float(np.mean(gaps)) if gaps else 0.0}


def _association(samples: Samples, columns: tuple[Column, ...], one: int, other: int) -> float:
    """The association of two of the columns."""
    if columns[other].categories and not columns[one].categories:
        one, other = other, one
    first, second = samples.values[:, one], samples.values[:, other]
    present = ~(np.isnan(first) | np.isnan(second))
    if not present.any():
        return 0.0
    if not present.all():
        first, second = first[present], second[present]
    if not columns[one].categories:
        return pearson(first, second)
    if not columns[other].categories:
        return correlation_ratio(first.astype(np.int64), second)
    return cramers_v(first.astype(np.int64), second.astype(np.int64))


def pearson(first: Array, second: Array) -> float:
    """cov(x, y) / (std x std y) in [-1, 1]; 0 if one is constant."""
    x, y = first - first.mean(), second - second.mean()
    spread = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / spread) if spread > 0 else 0.0


def correlation_ratio(codes: Array, values: Array) -> float:
    """sqrt(1 - within (n - 1) / (total (n - k))) in [0, 1]: Kelley's (1935) epsilon, a bias-corrected eta.

    within, total: sums of squares about the k categories' means and about the overall mean.
    """
    counts = np.bincount(codes)
    means = np.bincount(codes, values) / np.maximum(counts, 1)
    within, total = ((values - means[codes]) ** 2).sum(), ((values - values.mean()) ** 2).sum()
    n, k = len(codes), int((counts > 0).sum())
    if total <= 0 or n <= k:
        return 0.0
    return float(np.sqrt(max(1 - within * (n - 1) / (total * (n - k)), 0.0)))


def cramers_v(first: Array, second: Array) -> float:
    """Cramér's V in [0, 1] with Bergsma's (2013) bias correction; 0 if one is constant.

    V^2 = max(0, chi^2 / n - (r - 1)(c - 1) / (n - 1)) / min(r' - 1, c' - 1), r' = r - (r - 1)^2 / (n - 1).
    """
    (_, x), (_, y) = (np.unique(codes, return_inverse=True) for codes in (first, second))
    n, r, c = len(x), int(x.max()) + 1, int(y.max()) + 1
    observed = np.bincount(x * c + y, minlength=r * c).reshape(r, c)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / n
    chi2 = ((observed - expected) ** 2 / expected).sum()
    freedom = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if freedom <= 0:
        return 0.0
    return float(np.sqrt(min(max(chi2 / n - (r - 1) * (c - 1) / (n - 1), 0.0) / freedom, 1.0)))


METRIC = Metric("rows", {"correlations": "lower"}, correlations)
