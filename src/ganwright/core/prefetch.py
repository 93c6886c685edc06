"""Prefetches rows of memory-mapped samples and releases pages that were read."""

from __future__ import annotations

import mmap
from typing import Any, Protocol

import numpy as np

from ganwright.core.order import Rows

RELEASE_EVERY = 2048  # rows read between two releases: reading one also maps its neighbourhood of 64 KiB


class Prefetcher(Protocol):
    """Prefetches samples from storage."""

    def prefetch(self, rows: Rows) -> None:
        """Starts to read rows in the background; returns immediately."""


class MemoryMapped:
    """The rows of a memory map.

    Page faults alone read one page at a time. Pages that were read count as memory of the process while they stay
    mapped, although the system can reclaim them at any time, so they are released regularly.
    """

    def __init__(self, samples: np.memmap[Any, Any]) -> None:
        self.map: mmap.mmap = samples._mmap  # type: ignore[attr-defined]
        whole = np.frombuffer(self.map, dtype=np.uint8)
        self.began = samples.ctypes.data - whole.ctypes.data  # bytes before the first row
        self.row = samples.strides[0]
        self.mapped_rows = 0
        self.map.madvise(mmap.MADV_RANDOM)  # no read-ahead: neighbouring rows are not needed

    def prefetch(self, rows: Rows) -> None:
        self.mapped_rows += len(rows)
        if self.mapped_rows >= RELEASE_EVERY:
            self.map.madvise(mmap.MADV_DONTNEED)
            self.mapped_rows = 0
        for row in rows.tolist():
            first = self.began + row * self.row
            page = first - first % mmap.PAGESIZE
            self.map.madvise(mmap.MADV_WILLNEED, page, first + self.row - page)


class InMemory:
    """Samples in memory, which need no prefetching."""

    def prefetch(self, rows: Rows) -> None:
        """Does nothing."""


def prefetcher(samples: Any) -> Prefetcher:
    """The prefetcher of an array, a memory map, or an array-like object that has a `prefetch` method itself."""
    if hasattr(samples, "prefetch"):
        own: Prefetcher = samples
        return own
    mapped = getattr(samples, "_mmap", None) is not None and hasattr(mmap, "MADV_WILLNEED") and samples.strides[0] > 0
    return MemoryMapped(samples) if mapped else InMemory()
