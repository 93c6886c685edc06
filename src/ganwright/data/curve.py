"""Points on the parabola y = x^2 + 5 for x from -5 to 5, a common first exercise for GANs."""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.data import Data
from ganwright.domains.points import Points


def load(split: Split = "train", *, count: int = 1000, data_seed: int = 0) -> Data:
    """Points float32 [count, 2] with x in [-5, 5] and y in [5, 30], standardised for the networks by the train part.

    split: train, or test for `count` other points
    count: number of points
    data_seed: random seed of the points

    Raises UserError for a count below 2.
    """
    check("split", split, Split)
    at_least("count", count, 2)
    at_most("count", count, MAX_COUNT)
    domain = Points.standardised(_points("train", count, data_seed))
    return Data("curve", domain, _points(split, count, data_seed))


def _points(split: Split, count: int, seed: int) -> np.ndarray:
    # x = 10 (u - 1/2), u uniform on [0, 1);  y = x^2 + 5
    x = 10 * (draws.generator("curve", split, seed).random(count) - 0.5)
    return np.stack([x, x**2 + 5], axis=1).astype(np.float32)
