"""Cuts series out of an array of all time steps: windows, or whole ones of different lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cut(values: NDArray[np.float32], begins: NDArray[np.int64], window: int) -> NDArray[np.float32]:
    """The windows [n, window, columns] of values [steps, columns] from these steps on; a view if they are consecutive.

    `begins` may be empty.
    """
    if len(begins) and begins[-1] - begins[0] == len(begins) - 1 and (np.diff(begins) == 1).all():
        whole = values[begins[0] : begins[-1] + window]
        views = np.lib.stride_tricks.sliding_window_view(whole, window, axis=0)
        cuts: NDArray[np.float32] = views.transpose(0, 2, 1)
        return cuts
    gathered: NDArray[np.float32] = values[begins[:, None] + np.arange(window)]
    return gathered


def begins_of(begin: NDArray[np.int64], end: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    """Where the windows of series begin whose steps are begin[i] to end[i]."""
    counts = (end - begin - window + 1).clip(0)
    first = np.repeat(counts.cumsum() - counts, counts)
    begins: NDArray[np.int64] = np.repeat(begin, counts) + np.arange(counts.sum()) - first
    return begins


def padded(
    values: NDArray[np.float32], begin: NDArray[np.int64], end: NDArray[np.int64], steps: int
) -> NDArray[np.float32]:
    """Series whose steps are begin[i] to end[i] as [n, steps, columns], NaN after their end."""
    lengths = end - begin
    series = np.repeat(np.arange(len(begin)), lengths)
    step = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    samples = np.full((len(begin), steps, values.shape[1]), np.nan, np.float32)
    samples[series, step] = values[np.repeat(begin, lengths) + step]
    return samples
