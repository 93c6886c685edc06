"""Distances between the distributions of the static features of generated and real series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric, Samples
from ganwright.metrics._windows import checked, columns_of
from ganwright.metrics.marginals import by_column


def static_features(compared: Compared) -> Mapping[str, float]:
    """The mean and the largest of the static columns' distances in [0, 1].

    It is the total variation distance for categories, the Kolmogorov-Smirnov distance for numbers. Raises TooFewError
    below 100 series of either.
    """
    columns = columns_of(compared.real)[1]
    fake, real = (Samples(series[:, 0, -len(columns) :], columns=columns) for series in checked(compared))
    distances = list(by_column(Compared(fake, real)).values())
    return {"static_features": float(np.mean(distances)), "worst_static_feature": max(distances)}


def _no_static(real: Samples) -> str:
    return "" if real.static else "no feature is static"


METRIC = Metric(
    "windows", {"static_features": "lower", "worst_static_feature": "lower"}, static_features, unfit=_no_static
)
