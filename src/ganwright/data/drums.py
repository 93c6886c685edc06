"""Drums of four kinds, made by formula: falling tones and filtered noise that fade."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import Split
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.data._synthesis import RATE, check_clips, fading, log_uniform, with_peak
from ganwright.domains.waveforms import Waveforms

Kind = Callable[[np.random.Generator, int, Stored], Stored]


def load(split: Split = "train", *, count: int = 3_000, length: int = 4_096, data_seed: int = 0) -> Data:
    """Clips int16 [count, length] at 8,000 Hz; the labels are the kinds, see their functions, in random order.

    The peak is uniform from -12 to -1 decibels of full scale. All frequencies and times below are log-uniform.

    split: train, or test for `count` other clips
    count: number of clips
    length: samples of a clip
    data_seed: random seed of the clips

    Raises UserError for a count below 1, a length below 16, or more than 1,000,000,000 samples in all.
    """
    check_clips(split, count, length)
    samples, times = np.empty((count, length), np.int16), np.arange(length) / RATE
    labels = draws.generator("drums", split, data_seed).permutation(np.arange(count) % len(KINDS))
    for place, (name, made) in enumerate(KINDS.items()):
        random = draws.generator("drums", split, data_seed, name)
        number = int((labels == place).sum())
        if number:
            samples[labels == place] = with_peak(made(random, number, times), random.uniform(-12, -1, (number, 1)))
    return Data("drums", Waveforms(length, RATE), samples, labels, tuple(KINDS))


def kick(random: np.random.Generator, count: int, times: Stored) -> Stored:
    """A tone that falls from 120 to 250 Hz down to 45 to 65 Hz, in 20 to 60 ms, and fades in 80 to 200 ms."""
    low, high = log_uniform(random, 45, 65, count), log_uniform(random, 120, 250, count)
    return falling(times, low, high, log_uniform(random, 0.02, 0.06, count), log_uniform(random, 0.08, 0.2, count))


def tom(random: np.random.Generator, count: int, times: Stored) -> Stored:
    """A tone of 90 to 200 Hz that begins half as high again, falls in 50 to 100 ms and fades in 100 to 250 ms."""
    low = log_uniform(random, 90, 200, count)
    return falling(times, low, 1.5 * low, log_uniform(random, 0.05, 0.1, count), log_uniform(random, 0.1, 0.25, count))


def snare(random: np.random.Generator, count: int, times: Stored) -> Stored:
    """White noise that fades in 50 to 150 ms, and a tone of 150 to 250 Hz that fades in 30 to 80 ms."""
    pitch = log_uniform(random, 150, 250, count)
    tone = np.sin(2 * np.pi * pitch * times) * fading(times, log_uniform(random, 0.03, 0.08, count))
    noise = random.standard_normal((count, len(times))) * fading(times, log_uniform(random, 0.05, 0.15, count))
    return tone + noise / 2


def hi_hat(random: np.random.Generator, count: int, times: Stored) -> Stored:
    """Second differences of white noise, which have little power at low frequencies, that fade in 10 to 80 ms."""
    noise = np.diff(random.standard_normal((count, len(times) + 2)), n=2)
    return noise * fading(times, log_uniform(random, 0.01, 0.08, count))


def falling(times: Stored, low: Stored, high: Stored, fall: Stored, decay: Stored) -> Stored:
    """sin(2 pi int f) exp(-t / decay), f(t) = low + (high - low) exp(-t / fall): [n, samples], parameters [n, 1]."""
    cycles = low * times + (high - low) * fall * (1 - fading(times, fall))
    fallen: Stored = np.sin(2 * np.pi * cycles) * fading(times, decay)
    return fallen


KINDS: dict[str, Kind] = {"kick": kick, "snare": snare, "hi-hat": hi_hat, "tom": tom}
