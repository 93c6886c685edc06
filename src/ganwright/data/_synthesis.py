"""What made sounds share: envelopes and levels."""

from __future__ import annotations

import numpy as np

from ganwright.core.domain import Stored

RATE = 8_000  # Hz


def log_uniform(random: np.random.Generator, low: float, high: float, count: int) -> Stored:
    """float64 [count, 1]."""
    drawn: Stored = np.exp(random.uniform(np.log(low), np.log(high), (count, 1)))
    return drawn


def with_peak(sound: Stored, decibels: Stored) -> Stored:
    """Sound [n, samples] with a largest value of `decibels` [n, 1], relative to full scale, as int16."""
    scaled = sound * (32_767 * 10 ** (decibels / 20) / np.abs(sound).max(axis=1, keepdims=True))
    rounded: Stored = np.rint(scaled).astype(np.int16)
    return rounded


def fading(times: Stored, decay: Stored) -> Stored:
    """exp(-t / decay): times [samples] in seconds and decays [n, 1]."""
    faded: Stored = np.exp(-times / decay)
    return faded
