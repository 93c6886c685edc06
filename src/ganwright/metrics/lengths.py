"""The distance between the distributions of the lengths of generated and real series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric, Samples
from ganwright.metrics._windows import checked, lasting
from ganwright.metrics.marginals import kolmogorov_smirnov


def lengths(compared: Compared) -> Mapping[str, float]:
    """The Kolmogorov-Smirnov distance of the lengths, in time steps. Raises TooFewError below 100 series of either."""
    fake, real = (lasting(series).sum(axis=1) for series in checked(compared))
    return {"ks_lengths": kolmogorov_smirnov(fake, real)}


def _one_length(real: Samples) -> str:
    return "" if np.isnan(real.values).any() else "all real series have the same length"


METRIC = Metric("windows", {"ks_lengths": "lower"}, lengths, unfit=_one_length)
