"""Batches are the rows of the order, in memory or memory-mapped."""

from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import pictures
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.order import Stream


def drawn(data: Data, steps: int) -> list[torch.Tensor]:
    feed, clock, batches = Feed(data, Stream(16), 0, Machine(torch.device("cpu"))), Clock(), []
    for _ in range(steps):
        batches.append(feed.draw(clock, 0)[0].real)
        clock.tick(16)
    return batches


def test_a_memory_map_with_released_pages_gives_the_same_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pictures(96)
    expected = drawn(data, 12)
    np.save(tmp_path / "a.npy", data.samples)
    mapped = Data(data.name, data.domain, np.load(tmp_path / "a.npy", mmap_mode="r"))
    monkeypatch.setattr("ganwright.core.feed.MAX_ENCODED_BYTES", 0)
    monkeypatch.setattr("ganwright.core.prefetch.RELEASE_EVERY", 40)
    assert all(torch.equal(one, other) for one, other in zip(expected, drawn(mapped, 12), strict=True))


def test_prefetched_rows_are_the_next_ones_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data, prefetched, read = pictures(96), list[np.ndarray](), list[np.ndarray]()

    class Disk(np.ndarray):  # type: ignore[type-arg]
        def prefetch(self, rows: np.ndarray) -> None:
            prefetched.append(rows)

        def __getitem__(self, key: np.ndarray) -> np.ndarray:  # type: ignore[override]
            read.append(key)
            return np.asarray(self)[key]

    monkeypatch.setattr("ganwright.core.feed.MAX_ENCODED_BYTES", 0)
    drawn(Data(data.name, data.domain, data.samples.view(Disk)), 12)
    assert all(np.array_equal(one, other) for one, other in zip(prefetched[:-1], read[1:], strict=True))
