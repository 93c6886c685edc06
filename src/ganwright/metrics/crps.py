"""The continuous ranked probability score (CRPS) of drawn continuations of series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._windows import no_numbers, numbers


def fair_crps(drawn: Array, real: Array) -> Array:
    """CRPS(F, y) = E|X - y| - E|X - X'| / 2 of forecasts F, each known by two draws or more, [...].

    `drawn` is [draws, ...], `real` [...]. A proper score (Gneiting & Raftery 2007, section 4.2), in the units of y;
    lower is better, and for a forecast of one value it is the absolute error. The mean over pairs excludes a draw and
    itself, so that the estimate has no bias, whatever the number of draws (Ferro 2014; Zamo & Naveau 2018).
    """
    ordered, count = np.sort(drawn.astype(np.float64), axis=0), len(drawn)
    # sum over pairs i < j of (x_j - x_i) = sum_i (2 i - count - 1) x_i, i from 1 on
    weights = (2 * np.arange(1, count + 1) - count - 1).reshape(-1, *[1] * real.ndim)
    spread = (weights * ordered).sum(axis=0) / (count * (count - 1))
    return np.asarray(np.abs(ordered - real).mean(axis=0) - spread)


def by_series(drawn: Array, real: Array, scale: Array) -> Array:
    """The mean CRPS of each series over its time steps and features, [n].

    `drawn` is [n, draws, time, feature], `real` [n, time, feature], NaN after the end of a series, which has one step
    at least; `scale` [feature] is the unit of each feature.
    """
    parts = [fair_crps(np.moveaxis(drawn[..., at], 1, 0), real[..., at]) / size for at, size in enumerate(scale)]
    return np.asarray(np.nanmean(np.stack(parts, axis=2), axis=(1, 2)))


def crps(compared: Compared) -> Mapping[str, float]:
    """The mean over series of draws [n, draws, time, column] that continue real ones, by the numbers' deviations."""
    at = numbers(compared.real)
    real = np.asarray(compared.real.values, dtype=np.float64)[..., at]
    deviation = np.nanstd(real, axis=(0, 1))
    return {"crps": float(by_series(compared.fake.values[..., at], real, np.where(deviation > 0, deviation, 1)).mean())}


METRIC = Metric("windows", {"crps": "lower"}, crps, needs=frozenset({"continuations"}), unfit=no_numbers)
