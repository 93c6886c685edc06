"""The order in which a data set is read: a step's rows as a pure function of the examples read before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganwright.core.draws import generator

Rows = NDArray[np.int64]
Numbers = NDArray[np.uint64]

MAX_CACHED = 2**20  # samples: permutations of larger sets (8 MB per million) are computed on demand, not cached
FEISTEL_ROUNDS = 6


class Order(Protocol):
    """`total` is the size of the data set, `examples` the number of real samples read so far."""

    @property
    def batch(self) -> int:
        """The size of a full batch."""

    def size(self, examples: int, total: int) -> int:
        """The number of real samples in the step that begins at `examples`."""

    def examples(self, steps: int, total: int) -> int:
        """The number of real samples in the first `steps` steps."""

    def fakes(self, examples: int, total: int) -> int:
        """The number of fakes in that step."""

    def rows(self, examples: int, total: int, seed: int, stream: int) -> Rows:
        """The step's rows; each `stream` is an independent shuffle."""


@lru_cache(maxsize=16)
def shuffled(total: int, seed: int, epoch: int, stream: int) -> Rows:
    """The permutation of one epoch."""
    return generator("order", seed, epoch, stream).permutation(total)


def scattered(places: Rows, total: int, *key: object) -> Rows:
    """Elements `places` of a random permutation of `total`, which is never stored.

    A Feistel network permutes the numbers of at most one bit more than `total` needs (Luby & Rackoff 1988). Results
    beyond `total` are permuted again (cycle walking, Black & Rogaway 2002): under four iterations on average.
    """
    half = np.uint64(max((total - 1).bit_length() + 1, 2) // 2)
    keys = generator("scattered", *key).integers(2**64, size=FEISTEL_ROUNDS, dtype=np.uint64)
    rows = places.astype(np.uint64)
    outside = np.ones(len(rows), dtype=bool)
    while outside.any():
        rows[outside] = _feistel(rows[outside], half, keys)
        outside = rows >= total
    return rows.astype(np.int64)


def _feistel(numbers: Numbers, half: np.uint64, keys: Numbers) -> Numbers:
    """Permutes numbers of 2 * `half` bits."""
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for key in keys:
        mixed = (right + key) * np.uint64(0x9E3779B97F4A7C15)  # splitmix64 (Steele et al. 2014)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        left, right = right, left ^ ((mixed ^ (mixed >> np.uint64(31))) & mask)
    return (left << half) | right


def some(total: int, count: int, key: str) -> Rows:
    """At most `count` rows of a set, in random order."""
    if total <= MAX_CACHED:
        return generator(key).permutation(total)[:count]
    return scattered(np.arange(min(count, total)), total, key)


def epoch_rows(total: int, seed: int, epoch: int, stream: int, start: int, stop: int) -> Rows:
    """Rows `start` to `stop` of one epoch, cut at its end."""
    if total <= MAX_CACHED:
        return shuffled(total, seed, epoch, stream)[start:stop]
    return scattered(np.arange(start, min(stop, total)), total, "order", seed, epoch, stream)


@dataclass(frozen=True)
class Stream:
    """Reshuffles each epoch; batches are always full and may span two epochs."""

    batch: int

    def size(self, examples: int, total: int) -> int:
        return self.batch

    def examples(self, steps: int, total: int) -> int:
        return steps * self.batch

    def fakes(self, examples: int, total: int) -> int:
        return self.batch

    def rows(self, examples: int, total: int, seed: int, stream: int) -> Rows:
        parts, position = [], examples
        while position < examples + self.batch:
            epoch, start = divmod(position, total)
            rows = epoch_rows(total, seed, epoch, stream, start, start + examples + self.batch - position)
            parts.append(rows)
            position += len(rows)
        return np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class Mixed:
    """Streams in which `of_some` samples of each batch, evenly spaced, come from the subset `some`."""

    batch: int
    some: Rows
    of_some: int

    def size(self, examples: int, total: int) -> int:
        return self.batch

    def examples(self, steps: int, total: int) -> int:
        return steps * self.batch

    def fakes(self, examples: int, total: int) -> int:
        """The number of samples in the batch that come from the whole set."""
        return self.batch - self.of_some

    def rows(self, examples: int, total: int, seed: int, stream: int) -> Rows:
        before, places = examples // self.batch, np.arange(self.batch + 1) * self.of_some // self.batch
        few, all_ = Stream(self.of_some), Stream(self.batch - self.of_some)
        mine = np.diff(places) > 0
        rows = np.empty(self.batch, dtype=np.int64)
        rows[mine] = self.some[few.rows(before * few.batch, len(self.some), seed, ~stream)]
        rows[~mine] = all_.rows(before * all_.batch, total, seed, stream)
        return rows


@dataclass(frozen=True)
class Epochs:
    """Batches end with the epoch, so that its last batch may be smaller.

    Without `reshuffle` the set is shuffled once, and every epoch has the same batches. With `full_fakes` the number of
    fakes is that of a full batch, also for the smaller one.
    """

    batch: int
    reshuffle: bool = True
    full_fakes: bool = False

    def size(self, examples: int, total: int) -> int:
        return min(self.batch, total - examples % total)

    def examples(self, steps: int, total: int) -> int:
        epochs, rest = divmod(steps, -(-total // self.batch))
        return epochs * total + rest * self.batch

    def fakes(self, examples: int, total: int) -> int:
        return self.batch if self.full_fakes else self.size(examples, total)

    def rows(self, examples: int, total: int, seed: int, stream: int) -> Rows:
        epoch, start = divmod(examples, total)
        return epoch_rows(total, seed, epoch if self.reshuffle else 0, stream, start, start + self.batch)
