"""The cache of arrays, and the hash of samples that it is keyed by."""

from pathlib import Path

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.judging import cache
from ganwright.judging.cache import cached, content

SAMPLES = np.random.default_rng(0).integers(0, 256, (10, 4, 4, 1), dtype=np.uint8)
LABELS = np.arange(10)


class Counted:
    """Computes a different array each time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> np.ndarray:
        self.calls += 1
        return np.full((2, 3), self.calls, dtype=np.float64)


def test_an_array_is_computed_once() -> None:
    compute = Counted()
    first, again = cached("kind", ("key", 1), compute), cached("kind", ("key", 1), compute)
    assert compute.calls == 1
    assert np.array_equal(first, again)
    assert again.dtype == np.float64


def test_another_kind_or_key_is_computed_anew() -> None:
    compute = Counted()
    values = [cached(kind, key, compute)[0, 0] for kind, key in (("a", 1), ("a", 2), ("b", 1), ("a", 1))]
    assert values == [1, 2, 3, 1]


@pytest.mark.parametrize("damage", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_replaced(damage: bytes, cache_folder: Path) -> None:
    compute = Counted()
    cached("kind", 1, compute)
    (file,) = cache_folder.rglob("*.npy")
    file.write_bytes(damage)
    assert cached("kind", 1, compute)[0, 0] == 2
    assert cached("kind", 1, compute)[0, 0] == 2


def test_only_complete_files_are_left(cache_folder: Path) -> None:
    cached("kind", 1, Counted())
    assert [path.suffix for path in cache_folder.rglob("*") if path.is_file()] == [".npy"]


def test_an_error_while_computing_leaves_no_file(cache_folder: Path) -> None:
    def fail() -> np.ndarray:
        raise ValueError("no value")

    with pytest.raises(ValueError, match="no value"):
        cached("kind", 1, fail)
    assert list(cache_folder.rglob("*.npy")) == []


def test_a_cache_that_cannot_be_written_is_an_error(cache_folder: Path) -> None:
    (cache_folder / "kind").write_text("a file where the folder should be")
    with pytest.raises(UserError, match=r"cannot be written .*set GANWRIGHT_CACHE to another folder"):
        cached("kind", 1, Counted())


def test_equal_samples_have_equal_hashes(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", SAMPLES)
    expected = content(SAMPLES, LABELS)
    assert content(np.load(tmp_path / "a.npy", mmap_mode="r"), LABELS) == expected
    assert content(np.asfortranarray(SAMPLES), LABELS.copy()) == expected
    assert content(SAMPLES[::-1][::-1], LABELS) == expected


def test_the_hash_does_not_depend_on_the_size_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = content(SAMPLES)
    monkeypatch.setattr(cache, "PART", 3)
    assert content(SAMPLES) == expected


def test_every_change_of_the_samples_changes_the_hash() -> None:
    pixel, label = SAMPLES.copy(), LABELS.copy()
    pixel[-1, -1, -1, -1] ^= 1
    label[-1] = 3
    hashes = [
        content(SAMPLES),
        content(SAMPLES, LABELS),
        content(pixel),
        content(SAMPLES, label),
        content(SAMPLES.view(np.int8)),
        content(SAMPLES.reshape(10, 16)),
        content(SAMPLES[:9]),
        content(SAMPLES[::-1]),
    ]
    assert len(set(hashes)) == len(hashes)
