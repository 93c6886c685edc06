"""Tones of four timbres, made by formula: a sine, and the triangle, square and sawtooth waves without aliasing."""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import Split
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.data._synthesis import RATE, check_clips, fading, log_uniform, with_peak
from ganwright.domains.waveforms import Waveforms

HARMONICS = 16
ORDER = np.arange(1, HARMONICS + 1)
ODD = ORDER % 2 == 1
TIMBRES = {  # Fourier coefficients of sin(k phase)
    "sine": (ORDER == 1).astype(float),
    "triangle": np.where(ODD, (-1.0) ** ((ORDER - 1) // 2) / ORDER**2, 0),
    "square": np.where(ODD, 1 / ORDER, 0),
    "sawtooth": 1 / ORDER,
}
LOWEST, HIGHEST = 110.0, 880.0  # Hz
BLOCK = 16  # clips at a time


def load(split: Split = "train", *, count: int = 3_000, length: int = 4_096, data_seed: int = 0) -> Data:
    """Clips int16 [count, length] at 8,000 Hz; the labels are the timbres, in random order.

    The fundamental frequency is log-uniform from 110 to 880 Hz, the phase uniform. A tone has the first 16 harmonics
    below 4,000 Hz. It rises linearly in 5 to 50 ms and fades exponentially with a time constant of 0.1 to 1 s (both
    log-uniform); its peak is uniform from -15 to -3 decibels of full scale.

    split: train, or test for `count` other clips
    count: number of clips
    length: samples of a clip
    data_seed: random seed of the clips

    Raises UserError for a count below 1, a length below 16, or more than 1,000,000,000 samples in all.
    """
    check_clips(split, count, length)
    random = draws.generator("tones", split, data_seed)
    labels = random.permutation(np.arange(count) % len(TIMBRES))
    frequency, phase = log_uniform(random, LOWEST, HIGHEST, count), random.uniform(0, 2 * np.pi, (count, 1))
    attack, decay = log_uniform(random, 0.005, 0.05, count), log_uniform(random, 0.1, 1.0, count)
    level = random.uniform(-15, -3, (count, 1))
    samples, times = np.empty((count, length), np.int16), np.arange(length) / RATE
    for start in range(0, count, BLOCK):
        rows = slice(start, start + BLOCK)
        waves = periodic(2 * np.pi * frequency[rows] * times + phase[rows], weights(labels[rows], frequency[rows]))
        envelope = np.minimum(times / attack[rows], 1) * fading(times, decay[rows])
        samples[rows] = with_peak(waves * envelope, level[rows])
    return Data("tones", Waveforms(length, RATE), samples, labels, tuple(TIMBRES))


def weights(labels: Stored, frequency: Stored) -> Stored:
    """The Fourier coefficients [n, harmonics] of each clip; those of harmonics from half the sampling rate on are 0."""
    known = np.stack(list(TIMBRES.values()))[labels]
    return np.where(ORDER * frequency < RATE / 2, known, 0)


def periodic(phase: Stored, coefficients: Stored) -> Stored:
    """sum_k c_k sin(k phase), [n, samples], by sin((k + 1) x) = 2 cos(x) sin(k x) - sin((k - 1) x)."""
    before, now, twice = np.zeros_like(phase), np.sin(phase), 2 * np.cos(phase)
    total = coefficients[:, :1] * now
    for harmonic in range(1, coefficients.shape[1]):
        before, now = now, twice * now - before
        total += coefficients[:, harmonic : harmonic + 1] * now
    return total
