"""Resamples sound by a windowed sinc, which removes what the new rate cannot hold before it would alias.

J. O. Smith & P. Gossett, A flexible sampling-rate conversion method, ICASSP 1984; the window is J. F. Kaiser's, 1974.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ganwright.core.domain import Stored

ZEROS = 32  # zero crossings of the sinc at either side
BETA = 7.86  # of the Kaiser window: 80 dB of attenuation
CUTOFF = 0.92  # of the lower Nyquist frequency: the transition band, 16 % of it, ends there
BLOCK = 2**21  # products at a time, and weights that are kept


def reach(rate: int, target: int) -> int:
    """How many samples at either side of its place a resampled value depends on."""
    return math.ceil(ZEROS * max(1.0, rate / target) / CUTOFF) + 1


def resampled(values: Stored, rate: int, target: int) -> Stored:
    """Sound [n] at `rate` as float32 [ceil(n target / rate)] at `target` Hz; unchanged if they are equal.

    Value i is that at the time i / target of sum_k x_k h(t rate - k), x being 0 outside. A constant stays so.
    """
    if rate == target:
        return values
    up, down = target // math.gcd(rate, target), rate // math.gcd(rate, target)
    count, half = -(-len(values) * up // down), reach(rate, target)
    padded = np.pad(values.astype(np.float64), (half, half + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)
    made = np.empty(count, np.float32)
    step = max(1, BLOCK // (2 * half))
    for start in range(0, count, step):
        places, phases = np.divmod(np.arange(start, min(start + step, count)) * down, up)
        kept = up * 2 * half <= BLOCK
        weights = _table(rate, target)[phases] if kept else _weights(phases / up, rate, target)
        made[start : start + step] = np.einsum("ij,ij->i", windows[places + 1], weights)
    return made


@lru_cache(maxsize=4)
def _table(rate: int, target: int) -> Stored:
    """The weights of all fractions of a sample that occur."""
    up = target // math.gcd(rate, target)
    return _weights(np.arange(up) / up, rate, target)


def _weights(fractions: Stored, rate: int, target: int) -> Stored:
    """float64 [n, 2 reach]: those of the neighbours at 1 - reach, ..., reach for times `fractions` [n] of a sample."""
    half, cutoff = reach(rate, target), CUTOFF * min(1.0, target / rate)
    distances = cutoff * (np.arange(1 - half, half + 1) - fractions[:, None])  # in zero crossings
    window = np.i0(BETA * np.sqrt((1 - (distances / ZEROS) ** 2).clip(0))) * (np.abs(distances) <= ZEROS)
    weights: Stored = np.sinc(distances) * window
    weights /= weights.sum(axis=1, keepdims=True)
    return weights
