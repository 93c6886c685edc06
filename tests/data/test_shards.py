"""Pictures in tar shards: read in place, labelled, brought to one size; what is broken is named."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data import _files, _shards


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def shard(path: Path, members: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def drawn(count: int, side: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(256, size=(count, side, side, 3), dtype=np.uint8)


def shards(folder: Path, pixels: np.ndarray, each: int = 50) -> None:
    """With a label in a .cls or, every other one, in a .json."""
    for start in range(0, len(pixels), each):
        members = {}
        for place in range(start, min(start + each, len(pixels))):
            members[f"{place:04d}.png"] = png(pixels[place])
            label = place % 11
            words = {".cls": str(label).encode()} if place % 2 else {".json": json.dumps({"label": label}).encode()}
            members |= {f"{place:04d}{suffix}": word for suffix, word in words.items()}
        shard(folder / f"part-{start // each:03d}.tar", members)


def test_shards_are_read_in_order_and_bit_equal(tmp_path: Path) -> None:
    pixels = drawn(220)
    shards(tmp_path / "set", pixels)
    data = _files.load(tmp_path / "set")
    assert (len(data), data.name, data.domain.shape) == (220, "set", (3, 16, 16))
    assert data.labels is not None
    assert data.labels.tolist() == [place % 11 for place in range(220)]
    assert data.classes == tuple(map(str, range(11)))  # by number, not by spelling
    rows = np.random.default_rng(1).integers(220, size=64)
    assert np.array_equal(data.samples[rows], pixels[rows])
    assert np.array_equal(np.array(data.samples), pixels)
    assert np.array_equal(data.samples[7], pixels[7])
    assert np.array_equal(_files.load(tmp_path / "set" / "part-001.tar").samples[:], pixels[50:100])


def test_pictures_of_many_sizes_become_one(tmp_path: Path) -> None:
    members = {f"{side}.png": png(drawn(1, side)[0]) for side in (20, 33, 34, 35)}
    shard(tmp_path / "a.tar", members | {"readme.txt": b"not a picture"})
    data = _files.load(tmp_path / "a.tar", grey=True)
    assert data.samples[:].shape == (4, 32, 32, 1)
    assert data.labels is None
    assert "Size 32, grey" in data.notes[1]


def test_the_second_load_reads_no_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards(tmp_path / "set", drawn(100))
    first = _files.load(tmp_path / "set")
    monkeypatch.setattr(_shards, "_samples", None)
    assert np.array_equal(_files.load(tmp_path / "set").samples[:], first.samples[:])
    shards(tmp_path / "set", drawn(150))
    with pytest.raises(TypeError):  # another content wants another index
        _files.load(tmp_path / "set")


def test_more_shards_than_may_be_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shards, "OPEN", 2)
    pixels = drawn(100)
    shards(tmp_path / "set", pixels, each=10)
    samples = _files.load(tmp_path / "set").samples
    assert np.array_equal(samples[::-1], pixels[::-1])
    assert len(samples.files) == 2  # type: ignore[attr-defined]


def test_what_is_broken_is_named(tmp_path: Path) -> None:
    shards(tmp_path / "cut", drawn(20))
    whole = (tmp_path / "cut" / "part-000.tar").read_bytes()
    (tmp_path / "cut" / "part-000.tar").write_bytes(whole[: len(whole) // 2])
    shard(tmp_path / "bad" / "a.tar", {f"{place}.png": png(drawn(1)[0]) for place in range(3)} | {"x.png": b"no"})
    shard(tmp_path / "label" / "a.tar", {"0.png": png(drawn(1)[0]), "0.json": b"{"})
    shard(tmp_path / "none" / "a.tar", {"0.txt": b"no picture"})
    (tmp_path / "no.tar").write_bytes(b"no tar at all" * 100)
    (tmp_path / "empty.tar").touch()
    for name, words in {
        "cut": r"part-000.tar cannot be read",
        "no.tar": r"no.tar cannot be read",
        "empty.tar": r"empty.tar cannot be read",
        "bad": r"a.tar has a picture that cannot be read, x.png \(not a picture",
        "label": r"a.tar has a label that is no JSON, 0.json",
        "none": r"holds no pictures",
    }.items():
        with pytest.raises(UserError, match=words):
            _files.load(tmp_path / name)


def test_parts_are_folders_of_shards(tmp_path: Path) -> None:
    shards(tmp_path / "train", drawn(30))
    shards(tmp_path / "test", drawn(10))
    assert len(_files.load(tmp_path)) == 30
    assert len(_files.load(tmp_path, split="test")) == 10
    with pytest.raises(UserError, match="no test part"):
        _files.load(tmp_path / "train", split="test")
