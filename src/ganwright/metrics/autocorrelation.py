"""The difference between the autocorrelation functions of generated and real series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._windows import checked, no_numbers, numbers

MAX_LAG = 100
CHUNK = 1024  # series transformed at a time


def autocorrelation(compared: Compared) -> Mapping[str, float]:
    """The mean over numerical features and lags of |autocorrelation of fakes - that of real series|, in [0, 2].

    The autocorrelation function of a set is the mean of its series' own functions, as in the ACF score of Wiese,
    Knobloch, Korn and Kretschmer 2020 (Quant GANs), section 7, which takes the norm over the lags. Lags go up to half
    the longest real series, 100 at most; a series counts at lags up to half its length. A constant series has the
    autocorrelation 0. Raises TooFewError below 100 of either.
    """
    fake, real = checked(compared)
    lags = min(real.shape[1] // 2, MAX_LAG)
    gaps = [
        np.abs(mean_function(fake[..., at], lags) - mean_function(real[..., at], lags)) for at in numbers(compared.real)
    ]
    return {"autocorrelation": float(np.mean(gaps)) if lags else 0.0}


def mean_function(series: Array, lags: int) -> Array:
    """The mean autocorrelation [lags], at lags from 1 on, of series [n, time], NaN after their end."""
    total, count = np.zeros(lags), np.zeros(lags)
    for start in range(0, len(series), CHUNK):
        part = series[start : start + CHUNK]
        counts = np.arange(1, lags + 1) <= (~np.isnan(part)).sum(axis=1, keepdims=True) // 2  # [n, lags]
        total += np.where(counts, functions(part, lags), 0.0).sum(axis=0)
        count += counts.sum(axis=0)
    return total / np.maximum(count, 1)


def functions(series: Array, lags: int) -> Array:
    """r_k = sum_t (x_t - mean)(x_(t + k) - mean) / sum_t (x_t - mean)^2 of each series, [n, lags]; by FFT."""
    centred = np.nan_to_num(series - np.nanmean(series, axis=1, keepdims=True))
    size = 2 ** int(np.ceil(np.log2(2 * series.shape[1])))
    spectrum = np.fft.rfft(centred, size, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, : lags + 1]
    magnitude = np.nanmax(np.abs(series), axis=1, keepdims=True)
    varies = covariance[:, :1] > (1e-7 * magnitude) ** 2 * series.shape[1]  # more than the rounding of float32
    return np.where(varies, covariance[:, 1:] / np.where(varies, covariance[:, :1], 1.0), 0.0)


METRIC = Metric("windows", {"autocorrelation": "lower"}, autocorrelation, unfit=no_numbers)
