"""The difference between the autocorrelation functions of generated and real series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric
from ganwright.domains._autocorrelation import mean_function
from ganwright.metrics._windows import checked, no_numbers, numbers

MAX_LAG = 100


def autocorrelation(compared: Compared) -> Mapping[str, float]:
    """The mean over numerical features and lags of |autocorrelation of fakes - that of real series|, in [0, 2].

    The autocorrelation function of a set is the mean of its series' own functions, as in the ACF score of Wiese,
    Knobloch, Korn and Kretschmer 2020 (Quant GANs), section 7, which takes the norm over the lags. Lags go up to half
    the longest real series, 100 at most; see `mean_function`. Raises TooFewError below 100 of either.
    """
    fake, real = checked(compared)
    lags = min(real.shape[1] // 2, MAX_LAG)
    gaps = [
        np.abs(mean_function(fake[..., at], lags) - mean_function(real[..., at], lags)) for at in numbers(compared.real)
    ]
    return {"autocorrelation": float(np.mean(gaps)) if lags else 0.0}


METRIC = Metric("windows", {"autocorrelation": "lower"}, autocorrelation, unfit=no_numbers)
