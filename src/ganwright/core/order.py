"""The order in which a data set is read: which rows a round uses, as a pure function of the images seen before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganwright.core.draws import generator

Rows = NDArray[np.int64]


class Order(Protocol):
    """`total` is the size of the data set, `images` the number of real samples seen so far."""

    @property
    def batch(self) -> int:
        """The size of a full batch."""

    def size(self, images: int, total: int) -> int:
        """How many real samples the round that begins at `images` uses."""

    def fakes(self, images: int, total: int) -> int:
        """How many fakes it makes."""

    def rows(self, images: int, total: int, seed: int, stream: int) -> Rows:
        """The rows themselves; each `stream` is an independent shuffle."""


@lru_cache(maxsize=16)
def shuffled(total: int, seed: int, epoch: int, stream: int) -> Rows:
    """The permutation of one epoch."""
    return generator("order", seed, epoch, stream).permutation(total)


@dataclass(frozen=True)
class Stream:
    """Shuffled anew each epoch; batches are always full and run across the seam between epochs."""

    batch: int

    def size(self, images: int, total: int) -> int:
        return self.batch

    def fakes(self, images: int, total: int) -> int:
        return self.batch

    def rows(self, images: int, total: int, seed: int, stream: int) -> Rows:
        taken, position = [], images
        while position < images + self.batch:
            epoch, start = divmod(position, total)
            part = shuffled(total, seed, epoch, stream)[start : start + images + self.batch - position]
            taken.append(part)
            position += len(part)
        return np.concatenate(taken)


@dataclass(frozen=True)
class Epochs:
    """Cut at the end of each epoch, so that the last batch may be smaller.

    Without `reshuffle` the set is shuffled and cut once, and every epoch plays the same batches. With
    `full_fakes` the short batch still meets a full batch of fakes.
    """

    batch: int
    reshuffle: bool = True
    full_fakes: bool = False

    def size(self, images: int, total: int) -> int:
        return min(self.batch, total - images % total)

    def fakes(self, images: int, total: int) -> int:
        return self.batch if self.full_fakes else self.size(images, total)

    def rows(self, images: int, total: int, seed: int, stream: int) -> Rows:
        epoch, start = divmod(images, total)
        return shuffled(total, seed, epoch if self.reshuffle else 0, stream)[start : start + self.batch]
