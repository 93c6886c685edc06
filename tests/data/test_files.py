"""Tests of user files: folders and zips of pictures, what is left out and refused, and the cache."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data import _files, _prepare


def save_noise(path: Path, width: int = 16, height: int = 16, mode: str = "RGB", seed: int = 0) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (height, width, 3) if mode == "RGB" else (height, width)
    pixels = np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def save_pictures(folder: Path, count: int = 120) -> None:
    for index in range(count):
        save_noise(folder / f"{index:03d}.png", seed=index)


def test_pictures_of_a_folder_are_loaded_in_order_without_loss(tmp_path: Path) -> None:
    saved = [save_noise(tmp_path / "set" / f"{index:03d}.png", seed=index) for index in range(150)]
    data = _files.load(tmp_path / "set")
    assert np.array_equal(data.samples, np.stack(saved))
    assert isinstance(data.samples, np.memmap)
    assert (data.name, data.labels, data.domain.shape) == ("set", None, (3, 16, 16))
    assert "Size 16" in data.notes[0]


def test_subfolders_are_classes_and_grey_pictures_stay_grey(tmp_path: Path) -> None:
    for index, name in enumerate(("dog", "cat", "cat/young")):
        save_noise(tmp_path / "all" / name / "a.png", mode="L", seed=index)
    (tmp_path / "all" / "cat" / "notes.txt").write_text("not a picture")
    (tmp_path / "all" / "cat" / ".hidden.png").write_text("not a picture either")
    data = _files.load(tmp_path)
    assert data.classes == ("cat", "dog")
    assert data.labels is not None
    assert data.labels.tolist() == [0, 0, 1]
    assert data.domain.shape == (1, 16, 16)
    assert "1 file that is not a picture, all/cat/notes.txt" in data.notes[-1]


def test_one_colour_picture_makes_the_data_set_rgb(tmp_path: Path) -> None:
    save_noise(tmp_path / "a.png", mode="L")
    save_noise(tmp_path / "b.png", mode="RGB")
    assert _files.load(tmp_path).domain.shape == (3, 16, 16)
    assert _files.load(tmp_path, grey=True).domain.shape == (1, 16, 16)


def test_folders_train_and_test_are_parts(tmp_path: Path) -> None:
    for index, name in enumerate(("train/x/1", "train/y/2", "test/x/3")):
        save_noise(tmp_path / f"{name}.png", seed=index)
    assert _files.load(tmp_path).classes == ("x", "y")
    test = _files.load(tmp_path, split="test")
    assert test.labels is not None
    assert (test.labels.tolist(), test.classes) == ([0], ("x", "y"))
    with pytest.raises(UserError, match="no test part"):
        _files.load(tmp_path / "train", split="test")


@pytest.mark.parametrize(("sides", "size"), [([8, 9, 9], 8), ([100, 31, 33], 32), ([300, 300], 64)])
def test_the_default_size_is_a_power_of_two_within_the_median_side(sides: list[int], size: int, tmp_path: Path) -> None:
    for index, side in enumerate(sides):
        save_noise(tmp_path / f"{index}.png", side + 10, side)
    assert _files.load(tmp_path).samples.shape[1:] == (size, size, 3)


def test_a_zip_is_loaded_like_its_folder(tmp_path: Path) -> None:
    for index in range(6):
        save_noise(tmp_path / "set" / f"class{index % 2}" / f"{index}.png", seed=index)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted((tmp_path / "set").rglob("*.png")):
            archive.write(path, path.relative_to(tmp_path))
        archive.writestr("__MACOSX/set/._0.png", "x")
    folder, packed = _files.load(tmp_path / "set"), _files.load(tmp_path / "set.zip")
    assert np.array_equal(folder.samples, packed.samples)
    assert folder.labels is not None
    assert packed.labels is not None
    assert folder.labels.tolist() == packed.labels.tolist()
    assert packed.classes == ("class0", "class1")


def test_a_malicious_zip_writes_nothing_and_its_bomb_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganwright.data._sources.MAX_MEMBER_SIZE", 100_000)
    picture = io.BytesIO()
    Image.new("RGB", (16, 16)).save(picture, "PNG")
    inside = tmp_path / "inside"
    inside.mkdir()
    with zipfile.ZipFile(inside / "bad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(200):
            archive.writestr(f"{index:03d}.png", picture.getvalue())
        archive.writestr("../outside.png", picture.getvalue())
        archive.writestr("bomb.png", bytes(200_000))
    data = _files.load(inside / "bad.zip")
    assert len(data) == 200
    notes = " ".join(data.notes)
    assert "bomb.png (unpacks to 200,000 bytes" in notes
    assert "Left out: 1 name, ../outside.png (a name that leads out of the archive)" in notes
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["bad.zip", "inside"]


def test_unusable_pictures_are_left_out_and_listed(tmp_path: Path) -> None:
    for index in range(400):
        save_noise(tmp_path / f"class{index % 2}" / f"{index:03d}.png", seed=index)
    whole = (tmp_path / "class0" / "000.png").read_bytes()
    (tmp_path / "class0" / "000.png").write_bytes(whole[: len(whole) // 2])  # with a valid header
    (tmp_path / "class1" / "001.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0")
    save_noise(tmp_path / "class0" / "002.png", 5, 5)
    data = _files.load(tmp_path)
    assert len(data) == 397
    assert data.labels is not None
    assert np.bincount(data.labels).tolist() == [198, 199]
    assert "3 of 400 pictures" in data.notes[-1]
    assert "class1/001.png (not a readable picture)" in data.notes[-1]
    assert "class0/002.png (5x5, smaller than 8)" in data.notes[-1]
    assert _files.load(tmp_path).notes == data.notes


def test_over_one_percent_of_unusable_pictures_is_refused(tmp_path: Path, cache: Path) -> None:
    for index in range(30):
        (tmp_path / f"{index}.png").write_bytes(b"broken")
    with pytest.raises(UserError, match=r"Over 1% .* 30 of 30 pictures, .* and 20 more") as caught:
        _files.load(tmp_path)
    assert str(caught.value).count(".png") == 10
    assert not list(cache.rglob("*.npy"))


def test_pictures_of_too_many_pixels_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_pictures(tmp_path)
    save_noise(tmp_path / "huge.png", 100, 100)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 9_000)  # Pillow warns from there, and raises from twice that
    data = _files.load(tmp_path)
    assert "huge.png (too many pixels to decode safely)" in data.notes[-1]


def test_the_second_load_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_pictures(tmp_path, 5)
    first = _files.load(tmp_path)
    monkeypatch.setattr(_prepare, "fitted", None)
    monkeypatch.setattr("ganwright.data._sources.opened", None)
    second = _files.load(tmp_path)
    assert np.array_equal(first.samples, second.samples)
    assert first.notes == second.notes


def test_another_option_or_a_changed_file_invalidates_the_cache(tmp_path: Path) -> None:
    save_pictures(tmp_path, 3)
    assert _files.load(tmp_path, size=8).samples.shape == (3, 8, 8, 3)
    changed = save_noise(tmp_path / "001.png", seed=77)
    os.utime(tmp_path / "001.png", ns=(1, 1))
    assert np.array_equal(_files.load(tmp_path).samples[1], changed)


def test_memory_use_is_bounded(tmp_path: Path) -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    for index in range(300):
        save_noise(tmp_path / f"{index}.png", 64, 64, seed=index % 7)
    tracemalloc.start()
    data = _files.load(tmp_path, size=256)  # 59 MB on disk
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert data.samples.nbytes > 55e6
    assert peak < 40e6


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_no_files(
    error: BaseException, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_pictures(tmp_path, 3)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(_prepare, "_append", fail)
    with pytest.raises((UserError, KeyboardInterrupt)) as caught:
        _files.load(tmp_path)
    if caught.type is UserError:
        assert "No space left" in str(caught.value)
        assert str(cache) in str(caught.value)
        assert "GANWRIGHT_CACHE" in str(caught.value)
    assert {path.suffix for path in (cache / "prepared").iterdir()} <= {".lock"}


def test_an_error_names_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_pictures(tmp_path / "set", 3)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match=r"cache folder .*file cannot be written .*GANWRIGHT_CACHE"):
        _files.load(tmp_path / "set")


def test_undecodable_names_are_printable(tmp_path: Path) -> None:
    for name in (b"a\xff", b"b\xfe"):
        folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        try:
            save_noise(folder / "0.png")
        except OSError:
            pytest.skip("the file system refuses names that are not text")
        (folder / os.fsdecode(b"\xff.txt")).write_text("")
    data = _files.load(tmp_path)
    assert " ".join((*data.classes, *data.notes)).isprintable()


def test_circular_links_are_visited_once(tmp_path: Path) -> None:
    save_pictures(tmp_path, 3)
    (tmp_path / "again").symlink_to(tmp_path)
    assert len(_files.load(tmp_path)) == 3


def test_unreadable_paths_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "a.md").write_text("a")
    (tmp_path / "b.zip").write_text("no zip")
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 and no list of files at the end")
    save_noise(tmp_path / "c.png")
    for name, message in {
        "empty": "no pictures",
        "words": "no pictures (1 other file)",
        "emtpy": "Did you mean empty?",
        "no/where": "does not exist, nor does its folder",
        "b.zip": "cannot be read as a zip",
        "cut.zip": "cut.zip begins as a zip, but its end is missing or damaged",
        "c.png": "give its folder",
    }.items():
        with pytest.raises(UserError) as caught:
            _files.load(tmp_path / name)
        assert message in str(caught.value)


@pytest.mark.parametrize("place", ["/proc/self", "/dev", "/sys"])
def test_folders_of_the_operating_system_are_no_data(place: str) -> None:
    with pytest.raises(UserError, match="lies in a folder of the operating system"):
        _files.load(Path(place))
