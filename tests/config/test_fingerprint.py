"""The hash by which a resumed run notices changed data: all of it, quickly, and bounded where the data are huge."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import pairs, pictures, points
from ganwright.config import fingerprint as module
from ganwright.config.data_source import find
from ganwright.config.fingerprint import fingerprint
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files
from ganwright.domains.images import Images


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))


def test_equal_data_have_equal_fingerprints() -> None:
    assert fingerprint(points()) == fingerprint(points())
    assert fingerprint(pictures()).digest != fingerprint(points()).digest
    assert fingerprint(points(64)).covers == "all 64 samples, all 64 labels"


@pytest.mark.parametrize("row", [0, 31, 500, 998, 999])
def test_a_fingerprint_notices_any_changed_sample(row: int) -> None:
    data = points(1000)
    before = fingerprint(data).digest
    data.samples[row, 1] += 1e-6
    assert fingerprint(data).digest != before


@pytest.mark.parametrize(
    "changed",
    [
        lambda data: replace(data, samples=data.samples[:-1]),
        lambda data: replace(data, samples=data.samples.view(np.int8)),
        lambda data: replace(data, samples=data.samples.reshape(96, 4, 16, 1)),
        lambda data: replace(data, conditions=data.conditions + 1),
        lambda data: replace(data, conditions=None),
        lambda data: replace(data, labels=np.arange(len(data)) % 2, classes=("a", "b")),
    ],
)
def test_a_fingerprint_notices_another_shape_type_condition_or_label(changed: Callable[[Data], Data]) -> None:
    assert fingerprint(changed(pairs())).digest != fingerprint(pairs()).digest


def test_a_fingerprint_notices_exchanged_labels_and_renamed_classes() -> None:
    labelled = replace(pictures(40), labels=np.arange(40) % 2, classes=("a", "b"))
    digests = {
        fingerprint(one).digest
        for one in (
            labelled,
            replace(labelled, labels=1 - np.arange(40) % 2),
            replace(labelled, classes=("b", "a")),
        )
    }
    assert len(digests) == 3


def test_sixty_thousand_digits_take_well_under_a_second() -> None:
    samples = np.random.default_rng(0).integers(256, size=(60_000, 28, 28, 1), dtype=np.uint8)
    started = time.process_time()
    assert fingerprint(Data("digits", Images(28, 28, 1), samples)).complete
    assert time.process_time() - started < 0.7


def test_the_hash_of_a_mapped_file_is_kept_until_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((100, 8, 8), dtype=np.uint8))
    first = fingerprint(_files.load(path))
    monkeypatch.setattr(module, "_blocks", lambda *_: iter([(0, 100)]))
    monkeypatch.setattr(np, "ascontiguousarray", None)  # nothing is read again
    assert fingerprint(_files.load(path)) == first
    monkeypatch.undo()
    stored = np.load(path, mmap_mode="r+")
    stored[57, 3, 3] = 1
    stored.flush()
    os.utime(path, ns=(1, 1))
    assert fingerprint(_files.load(path)).digest != first.digest


def test_a_part_of_a_mapped_file_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(6400, dtype=np.uint8).reshape(100, 8, 8, 1))
    whole = _files.load(tmp_path / "a.npy")
    parts = [replace(whole, samples=whole.samples[part]) for part in (slice(0, 50), slice(50, 100))]
    assert len({fingerprint(one).digest for one in (whole, *parts)}) == 3


class Endless:
    """What answers as an array of 10^12 pictures, all of one shade."""

    shape, dtype, ndim = (10**12, 8, 8, 1), np.dtype(np.uint8), 4

    def __len__(self) -> int:
        return 10**12

    def __getitem__(self, key: Any) -> np.ndarray:
        rows = np.asarray(key)
        return np.full((*rows.shape, 8, 8, 1), 7, np.uint8)


def test_what_a_fingerprint_of_huge_data_covers_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAZY_LIMIT", 1 << 20)
    source = find(Data("endless", Images(8, 8, 1), Endless()), {})  # type: ignore[arg-type]
    assert not source.fingerprint.complete
    assert source.to_dict()["fingerprint_covers"] == "16,384 of 1,000,000,000,000 samples, evenly spaced"
    assert source.notes == (
        "Resuming notices changed data by a hash of 16,384 of 1,000,000,000,000 samples, evenly spaced; changes "
        "elsewhere it does not.",
    )


def test_endless_data_can_be_trained_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAZY_LIMIT", 1 << 20)
    data = Data("endless", Images(8, 8, 1), Endless())  # type: ignore[arg-type]
    run = ganwright.train("dcgan", data, tmp_path / "run", examples=64, width=4, depth=1, quiet=True)
    assert run.settings["data"]["count"] == 10**12
    last = run.last_log_line()
    assert last is not None
    assert last["examples"] == 64


def test_resuming_with_one_of_many_pictures_replaced_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    for index in range(300):
        Image.fromarray(random.integers(256, size=(8, 8), dtype=np.uint8)).save(folder / f"{index:03d}.bmp")
    small: dict[str, Any] = {"width": 4, "depth": 1, "batch": 8, "quiet": True}
    ganwright.train("dcgan", folder, tmp_path / "run", examples=16, **small)
    Image.fromarray(random.integers(256, size=(8, 8), dtype=np.uint8)).save(folder / "157.bmp")
    os.utime(folder / "157.bmp", ns=(1, 1))
    with pytest.raises(UserError, match=r"has the data .*pictures as it was, not as it is now"):
        ganwright.train("dcgan", folder, tmp_path / "run", examples=32, **small)


def test_one_picture_alone_can_be_trained_on(tmp_path: Path) -> None:
    Image.new("L", (8, 8), 90).save(tmp_path / "a.png")
    run = ganwright.train("dcgan", tmp_path, tmp_path / "run", examples=16, width=4, depth=1, batch=8, quiet=True)
    assert run.settings["data"]["fingerprint_covers"] == "all 1 samples"
