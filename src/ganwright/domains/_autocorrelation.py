"""Autocorrelation functions of series, each about its own mean."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

CHUNK = 1024  # series transformed at a time


def mean_function(series: Array, lags: int) -> Array:
    """The mean autocorrelation [lags], at lags from 1 on, of series [n, time], NaN after their end.

    A series counts at lags up to half its length; a constant one has the autocorrelation 0, and so has a
    lag without series.
    """
    total, count = np.zeros(lags), np.zeros(lags)
    for start in range(0, len(series), CHUNK):
        part = series[start : start + CHUNK].astype(np.float64)
        counts = np.arange(1, lags + 1) <= (~np.isnan(part)).sum(axis=1, keepdims=True) // 2  # [n, lags]
        total += np.where(counts, functions(part, lags), 0.0).sum(axis=0)
        count += counts.sum(axis=0)
    return np.asarray(total / np.maximum(count, 1))


def functions(series: Array, lags: int) -> Array:
    """r_k = sum_t (x_t - mean)(x_(t + k) - mean) / sum_t (x_t - mean)^2 of each series, [n, lags]; by FFT."""
    centred = np.nan_to_num(series - np.nanmean(series, axis=1, keepdims=True))
    size = 2 ** int(np.ceil(np.log2(2 * series.shape[1])))
    spectrum = np.fft.rfft(centred, size, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, : lags + 1]
    magnitude = np.nanmax(np.abs(series), axis=1, keepdims=True)
    varies = covariance[:, :1] > (1e-7 * magnitude) ** 2 * series.shape[1]  # more than the rounding of float32
    return np.where(varies, covariance[:, 1:] / np.where(varies, covariance[:, :1], 1.0), 0.0)
