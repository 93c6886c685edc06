"""What made sounds share: their options, envelopes and levels."""

from __future__ import annotations

import numpy as np

from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.domain import Stored

RATE = 8_000  # Hz
SHORTEST = 16  # samples of a clip
MAX_SAMPLES = 10**9


def check_clips(split: Split, count: int, length: int) -> None:
    """Raises UserError for an unknown split, and for too few or too many clips or samples."""
    check("split", split, Split)
    at_least("count", count, 1)
    at_most("count", count, MAX_COUNT)
    at_least("length", length, SHORTEST)
    at_most("count x length", count * length, MAX_SAMPLES)


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
