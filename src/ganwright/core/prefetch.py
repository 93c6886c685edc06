"""A memory map that is read here and there: what comes next is asked for beforehand, what was read is let go."""

from __future__ import annotations

import mmap
from typing import Any, Protocol

import numpy as np

from ganwright.core.order import Rows

RELEASE_EVERY = 2048  # rows read between two releases: each maps its neighbourhood of 64 KiB with it


class Prefetcher(Protocol):
    """Samples that lie on a disk."""

    def prefetch(self, rows: Rows) -> None:
        """Tells the system that these rows are wanted soon, so that the disk works meanwhile; returns at once."""


class MemoryMapped:
    """The rows of a memory map.

    A process that only waits for one page after the other has the disk do one thing at a time, and what it has read
    once counts as its memory for as long as it stays mapped, although the system may take it back at any time.
    """

    def __init__(self, samples: np.memmap[Any, Any]) -> None:
        self.map: mmap.mmap = samples._mmap  # type: ignore[attr-defined]
        whole = np.frombuffer(self.map, dtype=np.uint8)
        self.began = samples.ctypes.data - whole.ctypes.data  # bytes before the first row
        self.row = samples.strides[0]
        self.asked = 0
        self.map.madvise(mmap.MADV_RANDOM)  # pages beside those that are wanted would not be

    def prefetch(self, rows: Rows) -> None:
        self.asked += len(rows)
        if self.asked >= RELEASE_EVERY:
            self.map.madvise(mmap.MADV_DONTNEED)
            self.asked = 0
        for row in rows.tolist():
            first = self.began + row * self.row
            page = first - first % mmap.PAGESIZE
            self.map.madvise(mmap.MADV_WILLNEED, page, first + self.row - page)


class InMemory:
    """Samples that are in memory."""

    def prefetch(self, rows: Rows) -> None:
        """They are there."""


def prefetcher(samples: Any) -> Prefetcher:
    """How to ask for rows of an array, of a memory map, or of what answers as an array and can be asked itself."""
    if hasattr(samples, "prefetch"):
        asked: Prefetcher = samples
        return asked
    mapped = getattr(samples, "_mmap", None) is not None and hasattr(mmap, "MADV_WILLNEED") and samples.strides[0] > 0
    return MemoryMapped(samples) if mapped else InMemory()
