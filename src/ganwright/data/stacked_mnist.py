"""Stacked MNIST: three random digits as the colour channels of one picture; a benchmark of 1,000 modes.

L. Metz, B. Poole, D. Pfau & J. Sohl-Dickstein, Unrolled generative adversarial networks, 2017, arXiv:1611.02163.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.data import Data
from ganwright.data import mnist
from ganwright.domains.images import Images

CLASSES = tuple(f"{number:03}" for number in range(1000))


@dataclass(frozen=True)
class Stacks:
    """An array-like uint8 [N, height, width, 3] that is assembled on access.

    Channel c of stack i is `digits[rows[i, c]]`, digits [M, height, width]. A million stacks take 12 MB instead of
    2.4 GB.
    """

    digits: np.ndarray
    rows: np.ndarray  # [N, 3]

    dtype = np.dtype(np.uint8)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self.rows), *self.digits.shape[1:], 3

    @property
    def nbytes(self) -> int:
        """Bytes of the whole array if it were in memory."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> np.ndarray:
        """Indexed along the first dimension by an integer, slice or array."""
        return np.moveaxis(self.digits[self.rows[key]], -3, -1)  # [..., 3, height, width] to channels last

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)


def load(split: Split = "train", *, count: int = 128_000, data_seed: int = 0) -> Data:
    """Stacked MNIST as uint8 [count, 28, 28, 3]; the label, 0 to 999, is 100 red + 10 green + blue digit.

    split: train, or test for stacks of the 10,000 test digits
    count: number of stacks, each channel's digit drawn uniformly; VEEGAN's protocol has 128,000
    data_seed: random seed of the stacks

    Raises UserError for a count below 1, or if MNIST is missing and cannot be downloaded.
    """
    check("split", split, Split)
    at_least("count", count, 1)
    at_most("count", count, MAX_COUNT)
    return stacked(mnist.load(split), count, draws.generator("stacked-mnist", split, data_seed))


def stacked(single: Data, count: int, random: np.random.Generator) -> Data:
    """`count` stacks of the grey pictures of `single`, which has ten classes."""
    assert single.labels is not None
    rows = random.integers(len(single), size=(count, 3), dtype=np.int32)
    # Stacks supports what is used of samples: rows, shape, and conversion to an array
    samples = cast(np.ndarray, Stacks(single.samples[..., 0], rows))
    labels = single.labels[rows] @ np.array([100, 10, 1])
    domain = replace(single.require(Images, "stacked-mnist"), channels=3)
    return Data("stacked-mnist", domain, samples, labels, CLASSES, single.notes)
