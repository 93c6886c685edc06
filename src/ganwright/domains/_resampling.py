"""Resamples sound by a windowed sinc, which removes what the new rate cannot hold before it would alias.

J. O. Smith & P. Gossett, A flexible sampling-rate conversion method, ICASSP 1984; the window is J. F. Kaiser's, 1974.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

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
    if up * (2 * half + down) <= BLOCK:
        return _convolved(values, rate, target, count)
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


def _convolved(values: Stored, rate: int, target: int, count: int) -> Stored:
    """The same by a convolution with a channel for each fraction of a sample: a tenth of the time."""
    up, down = target // math.gcd(rate, target), rate // math.gcd(rate, target)
    half, kernels, steps = reach(rate, target), _kernels(rate, target), -(-count // up)
    width = kernels.shape[2]
    padded = torch.zeros(max((steps - 1) * down + width, len(values) + half - 1))
    padded[half - 1 : half - 1 + len(values)] = torch.from_numpy(values)
    made = np.empty((steps, up), np.float32)
    step = max(1, BLOCK // width)
    for start in range(0, steps, step):
        end = min(start + step, steps)
        part = padded[None, None, start * down : (end - 1) * down + width]
        made[start:end] = torch.nn.functional.conv1d(part, kernels, stride=down)[0].T.numpy()
    return made.reshape(-1)[:count]


@lru_cache(maxsize=4)
def _kernels(rate: int, target: int) -> Tensor:
    """float32 [fractions, 1, width]: the weights of each fraction, shifted by whole samples."""
    up, down = target // math.gcd(rate, target), rate // math.gcd(rate, target)
    wholes, weights = np.arange(up) * down // up, _table(rate, target)[np.arange(up) * down % up]
    kernels = np.zeros((up, 1, weights.shape[1] + int(wholes[-1])), np.float32)
    for fraction, whole in enumerate(wholes):
        kernels[fraction, 0, whole : whole + weights.shape[1]] = weights[fraction]
    return torch.from_numpy(kernels)


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
