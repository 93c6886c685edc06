"""Batches come from the rows that the order names, wherever the samples lie."""

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
    feed, clock, found = Feed(data, Stream(16), 0, Machine(torch.device("cpu"))), Clock(), []
    for _ in range(steps):
        found.append(feed.draw(clock, 0)[0].real)
        clock.tick(16)
    return found


def test_a_memory_map_that_is_let_go_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pictures(96)
    expected = drawn(data, 12)
    np.save(tmp_path / "a.npy", data.samples)
    mapped = Data(data.name, data.domain, np.load(tmp_path / "a.npy", mmap_mode="r"))
    monkeypatch.setattr("ganwright.core.feed.SMALL", 0)
    monkeypatch.setattr("ganwright.core.prefetch.RELEASE_EVERY", 40)
    assert all(torch.equal(one, other) for one, other in zip(expected, drawn(mapped, 12), strict=True))


def test_what_is_asked_for_is_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    data, asked, read = pictures(96), list[np.ndarray](), list[np.ndarray]()

    class Disk(np.ndarray):  # type: ignore[type-arg]
        def prefetch(self, rows: np.ndarray) -> None:
            asked.append(rows)

        def __getitem__(self, key: np.ndarray) -> np.ndarray:  # type: ignore[override]
            read.append(key)
            return np.asarray(self)[key]

    monkeypatch.setattr("ganwright.core.feed.SMALL", 0)
    drawn(Data(data.name, data.domain, data.samples.view(Disk)), 12)
    assert all(np.array_equal(one, other) for one, other in zip(asked[:-1], read[1:], strict=True))
