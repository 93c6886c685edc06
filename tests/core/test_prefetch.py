"""Prefetching of memory maps: which bytes are requested, and when pages are released."""

import mmap
from pathlib import Path

import numpy as np
import pytest

from ganwright.core import prefetch
from ganwright.core.prefetch import InMemory, MemoryMapped, prefetcher

SAMPLES = np.random.default_rng(0).integers(0, 256, (500, 50, 3), dtype=np.uint8)
needs_madvise = pytest.mark.skipif(not hasattr(mmap, "MADV_WILLNEED"), reason="the system has no madvise")


class RecordingMap:
    """Records the advice that a memory map gets."""

    def __init__(self) -> None:
        self.wanted: list[tuple[int, int]] = []
        self.released = 0

    def madvise(self, advice: int, start: int = 0, length: int = 0) -> None:
        if advice == mmap.MADV_WILLNEED:
            self.wanted.append((start, start + length))
        if advice == mmap.MADV_DONTNEED:
            self.released += 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    np.save(tmp_path / "samples.npy", SAMPLES)
    return tmp_path / "samples.npy"


def recorded(samples: np.ndarray) -> tuple[MemoryMapped, RecordingMap]:
    mapped = prefetcher(samples)
    assert isinstance(mapped, MemoryMapped)
    record = RecordingMap()
    mapped.map = record  # type: ignore[assignment]
    return mapped, record


@needs_madvise
@pytest.mark.parametrize("first", [0, 7])
def test_the_bytes_of_the_rows_are_requested_in_whole_pages(file: Path, first: int) -> None:
    samples, content = np.load(file, mmap_mode="r")[first:], file.read_bytes()
    mapped, record = recorded(samples)
    rows = np.array([3, 250, 0])
    mapped.prefetch(rows)
    assert len(record.wanted) == len(rows)
    for row, (start, stop) in zip(rows, record.wanted, strict=True):
        assert start % mmap.PAGESIZE == 0
        assert content[start:stop].endswith(samples[row].tobytes())
        assert stop - start < mmap.PAGESIZE + samples[row].nbytes


@needs_madvise
def test_pages_are_released_at_regular_intervals(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "RELEASE_EVERY", 20)
    mapped, record = recorded(np.load(file, mmap_mode="r"))
    released = []
    for _ in range(6):
        mapped.prefetch(np.arange(8))
        released.append(record.released)
    assert released == [0, 0, 1, 1, 1, 2]


@needs_madvise
def test_prefetching_and_releasing_leave_the_samples_unchanged(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "RELEASE_EVERY", 100)
    samples = np.load(file, mmap_mode="r")
    mapped = prefetcher(samples)
    for start in range(0, 500, 50):
        mapped.prefetch(np.arange(start, start + 50))
    assert np.array_equal(samples, SAMPLES)


def test_arrays_and_views_of_a_single_row_are_not_prefetched(file: Path) -> None:
    assert isinstance(prefetcher(SAMPLES), InMemory)
    mapped = np.load(file, mmap_mode="r")
    assert isinstance(prefetcher(np.broadcast_to(mapped[:1], mapped.shape, subok=True)), InMemory)


def test_samples_that_prefetch_themselves_are_their_own_prefetcher() -> None:
    class Remote:
        def prefetch(self, rows: np.ndarray) -> None:
            """Reads nothing."""

    remote = Remote()
    assert prefetcher(remote) is remote
