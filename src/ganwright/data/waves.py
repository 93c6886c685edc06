"""Waves of several lengths with static features and a categorical one, whose laws are all known."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.domains._own_range import SMALLEST, OwnRange
from ganwright.domains.series import Series
from ganwright.domains.table import Table

Scaling = Literal["global", "own"]

SHORTEST, LONGEST, END = 10, 40, 1 / 16  # lengths; the probability of the end after each step in between
SLOWEST, PER_TEMPO, FREQUENCY_SPREAD = 0.1, 0.1, 0.01  # cycles per time step
STRENGTH_SPREAD = 0.4  # of the logarithm
AMPLITUDE_SPREAD = 0.1  # relative to the mean
NOISE = 0.05
REGIMES = ("low", "high")
RISE, FALL = 0.1, 0.2  # probabilities of low -> high and of high -> low in a step


def load(
    split: Split = "train",
    *,
    count: int = 10_000,
    conditional: bool = False,
    scaling: Scaling = "own",
    data_seed: int = 0,
) -> Data:
    """Series float32 [count, 40, 4] of 10 to 40 time steps, NaN after their end: wave, regime, tempo, strength.

    The laws, all independent of each other:
    - length: after each step from the 10th on, a series ends with probability 1/16, at the latest after the 40th.
    - tempo, static: uniform on [0, 1].
    - strength, static: log-normal, exp(0.4 e) with e standard normal.
    - frequency, in cycles per step, not stored: 0.1 + 0.1 tempo + 0.01 e.
    - amplitude, not stored: strength (1 + 0.1 e).
    - wave: amplitude sin(2 pi frequency t + phase) + 0.05 e for t = 0, 1, ..., the phase uniform.
    - regime, a category over time: a Markov chain of low and high; a step changes low to high with probability 0.1 and
      high to low with probability 0.2. It starts in its stationary distribution: a third of all steps are high.

    split: train, or test for `count` other series
    count: number of series
    conditional: tempo and strength are conditions of a series, [count, 2], instead of features of it
    scaling: own scales each wave by its own range, which becomes a further attribute of the series; or global
    data_seed: random seed of the series

    Raises UserError for a count below 2.
    """
    check("split", split, Split)
    check("scaling", scaling, Scaling)
    at_least("count", count, 2)
    at_most("count", count * LONGEST, MAX_COUNT)
    train = _drawn("train", count, data_seed)
    series, static = train if split == "train" else _drawn(split, count, data_seed)
    wave = train[0][:, :, 0].astype(np.float64)
    number = Column.spanning("wave", wave[~np.isnan(wave)])
    own = (OwnRange.of("wave", wave, number.scale * SMALLEST),) if scaling == "own" else ()
    features = number, Column("regime", REGIMES)
    names = "tempo", "strength"
    attributes = tuple(Column.spanning(name, train[1][:, place]) for place, name in enumerate(names))
    if conditional:
        domain = Series(LONGEST, features, (), True, own)
        return Data("waves", domain, series, conditions=static, condition_domain=Table(attributes))
    constant = np.where(np.isnan(series[:, :, :1]), np.nan, static[:, None, :])  # [count, time, 2]
    samples = np.concatenate([series, constant], 2).astype(np.float32)
    return Data("waves", Series(LONGEST, features, attributes, True, own), samples)


def mean_frequency(tempo: np.ndarray) -> np.ndarray:
    """The mean of the frequency, in cycles per step, given the tempo."""
    return SLOWEST + PER_TEMPO * tempo


def mean_amplitude(strength: np.ndarray) -> np.ndarray:
    """The mean of the amplitude given the strength."""
    return strength


def _drawn(split: Split, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Wave and code of the regime, float32 [count, 40, 2], NaN after the end; tempo and strength, [count, 2]."""
    random = draws.generator("waves", split, seed)
    length = np.minimum(SHORTEST + random.geometric(END, (count, 1)) - 1, LONGEST)
    tempo = random.random(count)
    strength = np.exp(STRENGTH_SPREAD * random.standard_normal(count))
    frequency = mean_frequency(tempo) + FREQUENCY_SPREAD * random.standard_normal(count)
    amplitude = mean_amplitude(strength) * (1 + AMPLITUDE_SPREAD * random.standard_normal(count))
    steps = np.arange(LONGEST)
    angle = 2 * np.pi * (frequency[:, None] * steps + random.random((count, 1)))
    wave = amplitude[:, None] * np.sin(angle) + NOISE * random.standard_normal((count, LONGEST))
    series = np.stack([wave, _regimes(random.random((count, LONGEST)))], 2).astype(np.float32)
    series[steps >= length] = np.nan
    return series, np.stack([tempo, strength], 1)


def _regimes(uniform: np.ndarray) -> np.ndarray:
    """The codes of the chain, [n, time], from uniform numbers of this shape."""
    high = np.empty(uniform.shape, bool)
    high[:, 0] = uniform[:, 0] < RISE / (RISE + FALL)
    for step in range(1, uniform.shape[1]):
        before, chance = high[:, step - 1], uniform[:, step]
        high[:, step] = np.where(before, chance >= FALL, chance < RISE)
    return high
