"""Series unlike all real ones, kinds of series that are missing, and series that are repeated or constant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._outliers import outliers
from ganwright.metrics._windows import Windows, checked, joined, no_numbers, numbers, scaled


def series_strays(compared: Compared) -> Mapping[str, float]:
    """Shares of series, see `outliers`, of all values at all steps, scaled by the real ones' range.

    constant: the share of series in which some number keeps its first value. Raises as `scaled`.
    """
    fake, real = (flat(windows) for windows in scaled(compared))
    return {**outliers(fake, real), "constant": float(constant(compared).mean())}


def flat(windows: Windows) -> Array:
    """Series as float64 [n, time x channels], with 1 at each step until their end."""
    parts = joined([*windows.features, windows.lasts.unsqueeze(2).float(), *windows.static])
    return parts.flatten(1).double().numpy()


def constant(compared: Compared) -> Array:
    """Which fakes of more than one step have a number that never changes, bool [n]."""
    series = checked(compared)[0][:, :, numbers(compared.real)]
    lasting = ~np.isnan(series)
    still = ((series == series[:, :1]) | ~lasting).all(axis=1) & (lasting.sum(axis=1) > 1)
    return np.asarray(still.any(axis=1))


METRIC = Metric(
    "windows",
    {"strays": "lower", "missing": "lower", "repeated": "lower", "constant": "as real"},
    series_strays,
    unfit=no_numbers,
)
