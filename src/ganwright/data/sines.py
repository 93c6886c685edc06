"""Sines of random frequency and phase, the made series of TimeGAN.

Yoon, Jarrett & van der Schaar, Time-series generative adversarial networks, NeurIPS 2019, section 5; as in their code.
"""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.domains.series import Series

HIGHEST = 0.1  # of the frequencies, in radians per time step, and of the phases, in radians


def load(
    split: Split = "train", *, count: int = 10_000, length: int = 24, features: int = 5, data_seed: int = 0
) -> Data:
    """Series float32 [count, length, features] with values in [0, 1]: (sin(frequency t + phase) + 1) / 2, t = 0, 1, ...

    Frequency and phase of each feature of each series are uniform on [0, 0.1], and independent.

    split: train, or test for `count` other series
    count: number of series
    length: time steps of a series
    features: number of features
    data_seed: random seed of the series

    Raises UserError for a count, length or number of features below 1, or more than 10,000,000 values in all.
    """
    check("split", split, Split)
    for option, value in (("count", count), ("length", length), ("features", features)):
        at_least(option, value, 1)
    at_most("count x length x features", count * length * features, MAX_COUNT)
    train = _series("train", count, length, features, data_seed)
    columns = tuple(
        Column.spanning(f"sine_{place + 1}", train[:, :, place].astype(np.float64)) for place in range(features)
    )
    samples = train if split == "train" else _series(split, count, length, features, data_seed)
    return Data("sines", Series(length, columns), samples)


def _series(split: Split, count: int, length: int, features: int, seed: int) -> np.ndarray:
    random = draws.generator("sines", split, seed)
    frequency, phase = random.uniform(0, HIGHEST, (2, count, 1, features))
    angles = frequency * np.arange(length)[:, None] + phase  # [count, length, features]
    series: np.ndarray = ((np.sin(angles) + 1) / 2).astype(np.float32)
    return series
