"""Random numbers as a pure function of (seed, step, name, row), so that no random state needs saving.

Row i of a draw is row i of the global batch: it does not depend on the number of processes, of threads, or of
micro-batches. The generator is Philox (Salmon et al. 2011), keyed by a hash of seed, step and name.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from itertools import count
from typing import cast

import numpy as np
import torch
from torch import Tensor

BLOCK = 256  # rows of normal numbers per generator
PER_COUNT = 8  # 32-bit numbers that Philox computes per value of its counter


def _digest(*key: object) -> bytes:
    return hashlib.blake2b("/".join(map(str, key)).encode(errors="surrogateescape"), digest_size=16).digest()


def generator(*key: object) -> np.random.Generator:
    """A numpy generator that is a pure function of `key`."""
    return np.random.Generator(np.random.Philox(key=np.frombuffer(_digest(*key), dtype=np.uint64)))


def torch_seed(*key: object) -> int:
    """A seed for torch's own generator, as a pure function of `key`."""
    return int.from_bytes(_digest(*key)[:8], "little") >> 1


@dataclass(frozen=True)
class Draws:
    """The random numbers of one draw, for rows `start` to `stop` of the global batch."""

    seed: int
    step: int
    start: int
    stop: int
    name: str = ""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32

    def __len__(self) -> int:
        return self.stop - self.start

    def at(self, name: str) -> Draws:
        """An independent stream for the same rows."""
        return replace(self, name=f"{self.name}/{name}")

    def rows(self, rows: slice) -> Draws:
        """The same stream for a range of these rows, counted from `start`."""
        return replace(self, start=self.start + rows.start, stop=self.start + rows.stop)

    def sized(self, count: int) -> Draws:
        """The same stream for `count` rows, for batches with more or fewer fakes than real samples."""
        start = self.start * count // len(self)
        return replace(self, start=start, stop=start + count)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers, [rows, *shape].

        The number of random bits per normal number varies, so the generator cannot be advanced to a row. Each block
        of rows has its own generator instead: a process draws only the blocks that it needs.
        """
        first = self.start // BLOCK
        blocks = [self._block(place, shape) for place in range(first, -(-self.stop // BLOCK))]
        drawn = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        return self._tensor(drawn[self.start - first * BLOCK :])

    def uniform(self, *shape: int) -> Tensor:
        """Numbers uniform on [0, 1), [rows, *shape]."""
        before = self.start * math.prod(shape)  # 32 bits each
        source = self._generator()
        if before:
            source.bit_generator.advance(before // PER_COUNT)  # type: ignore[attr-defined]
            source.random(before % PER_COUNT, dtype=np.float32)
        return self._tensor(source.random((len(self), *shape), dtype=np.float32))

    def bernoulli(self, share: float, *shape: int) -> Tensor:
        """True with probability `share`, to the nearest 1/65536, [rows, *shape]; three times as fast as `uniform`."""
        skipped, numbers = self.start * math.prod(shape), len(self) * math.prod(shape)  # 16 bits each
        bits = self._generator().bit_generator
        bits.advance(skipped // (2 * PER_COUNT))  # type: ignore[attr-defined]
        first = skipped % (2 * PER_COUNT)
        words = bits.random_raw(-(-(first + numbers) // 4))  # four numbers each
        drawn = words.view(np.uint16)[first : first + numbers].reshape(len(self), *shape)
        return torch.from_numpy(drawn < round(share * 2**16)).to(self.device)

    def _block(self, place: int, shape: tuple[int, ...]) -> np.ndarray:
        """Block `place` of the normal numbers, up to row `stop`."""
        count = min(self.stop - place * BLOCK, BLOCK)
        source = self._generator(f"block {place}") if place else self._generator()
        return source.standard_normal((count, *shape), dtype=np.float32)

    def _generator(self, *key: object) -> np.random.Generator:
        return _cached_generator(_digest(self.seed, self.step, self.name, *key))

    def _tensor(self, drawn: np.ndarray) -> Tensor:
        # copied: the last bits of a matrix product may depend on memory alignment, and numpy aligns less than torch
        return torch.from_numpy(drawn).to(self.device, self.dtype, copy=True)


_local = threading.local()


def _cached_generator(key: bytes) -> np.random.Generator:
    """The generator of a key, valid until the next call. Reusing one object is five times as fast as making one."""
    if not hasattr(_local, "random"):
        _local.random = np.random.Generator(np.random.Philox(key=np.zeros(2, dtype=np.uint64)))
        _local.fresh = _local.random.bit_generator.state
    _local.fresh["state"]["key"] = np.frombuffer(key, dtype=np.uint64)
    _local.random.bit_generator.state = _local.fresh
    return cast(np.random.Generator, _local.random)


_streams: ContextVar[Iterator[Draws] | None] = ContextVar("streams", default=None)


@contextmanager
def supplying(draws: Draws) -> Iterator[None]:
    """Inside the context, layers draw their noise from `draws`: each forward pass of each layer has its own stream."""
    token = _streams.set(draws.at(f"layer{i}") for i in count())
    try:
        yield
    finally:
        _streams.reset(token)


def supplied() -> Draws | None:
    """The stream for the next layer, or None outside of `supplying`."""
    streams = _streams.get()
    return None if streams is None else next(streams)
