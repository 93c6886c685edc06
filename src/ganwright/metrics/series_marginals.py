"""Distances between the distributions of single values, and of increments, of generated and real series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._windows import checked, no_numbers, numbers
from ganwright.metrics.marginals import kolmogorov_smirnov


def series_marginals(compared: Compared) -> Mapping[str, float]:
    """The Kolmogorov-Smirnov distances of values and of increments x_(t + 1) - x_t, each a mean over the features.

    Values of all series and time steps are taken together. The distribution of increments is what Wiese et al. 2020
    (Quant GANs), section 7, compare for log returns. Raises TooFewError below 100 series of either.
    """
    fake, real = checked(compared)
    values, increments = [], []
    for place in numbers(compared.real):
        one, other = fake[..., place], real[..., place]
        values.append(kolmogorov_smirnov(_present(one), _present(other)))
        increments.append(_distance(_present(np.diff(one, axis=1)), _present(np.diff(other, axis=1))))
    return {"ks_values": float(np.mean(values)), "ks_increments": float(np.mean(increments))}


def _present(values: Array) -> Array:
    present: Array = values[~np.isnan(values)]
    return present


def _distance(fake: Array, real: Array) -> float:
    """As `kolmogorov_smirnov`; where one side has no increments, as all its series have one step, 1, or 0 for both."""
    return kolmogorov_smirnov(fake, real) if len(fake) and len(real) else float(len(fake) != len(real))


METRIC = Metric("windows", {"ks_values": "lower", "ks_increments": "lower"}, series_marginals, unfit=no_numbers)
