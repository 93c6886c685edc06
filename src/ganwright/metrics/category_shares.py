"""Distances between the shares of time that generated and real series spend in each category."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.column import Column
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.metrics._windows import checked, columns_of
from ganwright.metrics.marginals import total_variation


def category_shares(compared: Compared) -> Mapping[str, float]:
    """Total variation distances, each a mean over the categorical features.

    `category_shares` compares the shares of all time steps in each category, `category_transitions` those of all pairs
    of successive steps in each pair of categories. Raises TooFewError below 100 series of either.
    """
    fake, real = checked(compared)
    columns = [(place, one) for place, one in enumerate(columns_of(compared.real)[0]) if one.categories]
    distances = {
        name: [total_variation(*(count(column, series[..., at]) for series in (fake, real))) for at, column in columns]
        for name, count in {"category_shares": shares, "category_transitions": transitions}.items()
    }
    return {name: float(np.mean(values)) for name, values in distances.items()}


def shares(column: Column, codes: Array) -> Array:
    """The share of the time steps of series [n, time], NaN after their end, in each category."""
    return _frequencies(codes[~np.isnan(codes)], column.width)


def transitions(column: Column, codes: Array) -> Array:
    """The share of the pairs of successive steps in each pair of categories, [categories^2]."""
    pairs = codes[:, :-1] * column.width + codes[:, 1:]
    return _frequencies(pairs[~np.isnan(pairs)], column.width**2)


def _frequencies(codes: Array, count: int) -> Array:
    return np.bincount(codes.astype(np.int64), minlength=count) / max(len(codes), 1)


def _no_categories(real: Samples) -> str:
    categorical = any(column.categories for column in columns_of(real)[0])
    return "" if categorical else "no feature is categorical"


METRIC = Metric(
    "windows", {"category_shares": "lower", "category_transitions": "lower"}, category_shares, unfit=_no_categories
)
