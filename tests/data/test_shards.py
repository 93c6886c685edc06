"""Tests of tar shards: decoded on access, labelled, converted to one size; errors that name the member."""

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


def noise(count: int, side: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(256, size=(count, side, side, 3), dtype=np.uint8)


def shards(folder: Path, pixels: np.ndarray, each: int = 50) -> None:
    """Shards whose labels alternate between .cls and .json."""
    for start in range(0, len(pixels), each):
        members = {}
        for index in range(start, min(start + each, len(pixels))):
            members[f"{index:04d}.png"] = png(pixels[index])
            label = index % 11
            if index % 2:
                members[f"{index:04d}.cls"] = str(label).encode()
            else:
                members[f"{index:04d}.json"] = json.dumps({"label": label}).encode()
        shard(folder / f"part-{start // each:03d}.tar", members)


def test_pictures_of_shards_are_loaded_in_order_without_loss(tmp_path: Path) -> None:
    pixels = noise(220)
    shards(tmp_path / "set", pixels)
    data = _files.load(tmp_path / "set")
    assert (len(data), data.name, data.domain.shape) == (220, "set", (3, 16, 16))
    assert data.labels is not None
    assert data.labels.tolist() == [index % 11 for index in range(220)]
    assert data.classes == tuple(map(str, range(11)))  # sorted as numbers, not as strings
    rows = np.random.default_rng(1).integers(220, size=64)
    assert np.array_equal(data.samples[rows], pixels[rows])
    assert np.array_equal(np.array(data.samples), pixels)
    assert np.array_equal(data.samples[7], pixels[7])
    assert np.array_equal(_files.load(tmp_path / "set" / "part-001.tar").samples[:], pixels[50:100])


def test_pictures_of_several_sizes_are_converted_to_one(tmp_path: Path) -> None:
    members = {f"{side}.png": png(noise(1, side)[0]) for side in (20, 33, 34, 35)}
    shard(tmp_path / "a.tar", members | {"readme.txt": b"not a picture"})
    data = _files.load(tmp_path / "a.tar", grey=True)
    assert data.samples[:].shape == (4, 32, 32, 1)
    assert data.labels is None
    assert data.notes[1] == "Read as 32x32, grey: by the headers of 4 of 4 pictures."


def test_the_second_load_uses_the_cached_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards(tmp_path / "set", noise(100))
    first = _files.load(tmp_path / "set")
    monkeypatch.setattr(_shards, "_samples", None)
    assert np.array_equal(_files.load(tmp_path / "set").samples[:], first.samples[:])
    shards(tmp_path / "set", noise(150))
    with pytest.raises(TypeError):  # changed shards need a new index
        _files.load(tmp_path / "set")


def test_the_number_of_open_shards_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shards, "MAX_OPEN", 2)
    pixels = noise(100)
    shards(tmp_path / "set", pixels, each=10)
    samples = _files.load(tmp_path / "set").samples
    assert np.array_equal(samples[::-1], pixels[::-1])
    assert len(samples.files) == 2  # type: ignore[attr-defined]


def test_errors_name_the_shard_or_the_member(tmp_path: Path) -> None:
    shards(tmp_path / "cut", noise(20))
    whole = (tmp_path / "cut" / "part-000.tar").read_bytes()
    (tmp_path / "cut" / "part-000.tar").write_bytes(whole[: len(whole) // 2])
    shard(tmp_path / "bad" / "a.tar", {f"{index}.png": png(noise(1)[0]) for index in range(3)} | {"x.png": b"no"})
    shard(tmp_path / "label" / "a.tar", {"0.png": png(noise(1)[0]), "0.json": b"{"})
    shard(tmp_path / "none" / "a.tar", {"0.txt": b"no picture"})
    (tmp_path / "no.tar").write_bytes(b"no tar at all" * 100)
    (tmp_path / "empty.tar").touch()
    for name, message in {
        "cut": r"part-000.tar cannot be read",
        "no.tar": r"no.tar cannot be read",
        "empty.tar": r"empty.tar cannot be read",
        "bad": r"a.tar has an unreadable picture, x.png \(not a readable picture",
        "label": r"a.tar has a label that is not JSON, 0.json",
        "none": r"holds no pictures",
    }.items():
        with pytest.raises(UserError, match=message):
            _files.load(tmp_path / name)


def test_folders_train_and_test_of_shards_are_parts(tmp_path: Path) -> None:
    shards(tmp_path / "train", noise(30))
    shards(tmp_path / "test", noise(10))
    assert len(_files.load(tmp_path)) == 30
    assert len(_files.load(tmp_path, split="test")) == 10
    with pytest.raises(UserError, match="no test part"):
        _files.load(tmp_path / "train", split="test")
