"""What converting pictures changes is said with its number: cropping, enlarging, colours, depth, frames, copies."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganwright.config import data_source
from ganwright.config.options import options_of
from ganwright.core.errors import UserError
from ganwright.data import _files, _find


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(256, size=(height, width, channels), dtype=np.uint8)
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels)


def save(folder: Path, pictures: Sequence[Image.Image], suffix: str = ".png", **options: Any) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    start = len(list(folder.iterdir()))
    for index, picture in enumerate(pictures):
        picture.save(folder / f"{start + index}{suffix}", **options)
    return folder


def test_what_cropping_cuts_away_is_said_with_its_share(tmp_path: Path) -> None:
    save(tmp_path, [noise(32, 96, seed=seed) for seed in range(3)] + [noise(32, 32, seed=9)])
    note = next(note for note in _files.load(tmp_path).notes if "Cropping" in note)
    assert note == (
        "Cropping to the proportions of 32x32 cuts 67% of the area away, in 3 of 4 pictures; --crop keep, pad or none "
        "cuts nothing."
    )


def test_crop_keep_keeps_the_proportions(tmp_path: Path) -> None:
    pictures = [noise(32, 96, seed=seed) for seed in range(3)]
    data = _files.load(save(tmp_path, pictures), crop="keep")
    assert np.array_equal(data.samples, np.stack([np.asarray(one) for one in pictures]))
    assert "Size 32x96: height and width in the median proportions of the pictures." in data.notes
    assert not any("Cropping" in note for note in data.notes)
    assert _files.load(tmp_path, crop="keep", size=16).samples.shape == (3, 16, 48, 3)


def test_crop_keep_cuts_what_differs_from_the_median(tmp_path: Path) -> None:
    save(tmp_path, [noise(64, 32, seed=seed) for seed in range(3)] + [noise(64, 40, seed=9)])
    data = _files.load(tmp_path, crop="keep")
    assert data.samples.shape == (4, 64, 32, 3)
    note = next(note for note in data.notes if "Cropping" in note)
    assert "cuts 20% of the area away, in 1 of 4 pictures; --crop pad or none" in note


@pytest.mark.parametrize("word", ["16x48", "16X48"])
def test_a_size_of_two_sides_is_height_and_width(word: str, tmp_path: Path) -> None:
    data = _files.load(save(tmp_path, [noise(32, 96)]), size=word)
    assert data.samples.shape == (1, 16, 48, 3)
    assert not any("Cropping" in note for note in data.notes)
    grey = _files.load(save(tmp_path / "tall", [noise(32, 16, 1)]), size=word)
    assert "cuts 84% of the area away" in " ".join(grey.notes)


@pytest.mark.parametrize(
    "size", ["64x", "x64", "64x64x3", "-64", "6.4", "", "abc", "64 x 64", "4x64", "99999x64", 99999]
)
def test_another_size_is_refused(size: object, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--size must be"):
        _files.load(save(tmp_path, [noise(16, 16)]), size=size)  # type: ignore[arg-type]


def test_a_number_on_the_command_line_is_the_number_from_python() -> None:
    option = options_of(_files.load)["size"]
    assert [option.check(value) for value in ("64", 64, "64x192", None, "none")] == [64, 64, "64x192", None, None]


@pytest.mark.parametrize(
    ("crop", "note"),
    [
        ("pad", "Padding (white) is 50% of 2 of 2 pictures."),
        ("none", "Resizing to 16x16 stretches 2 of 2 pictures, one side up to 2.0 times as much as the other."),
    ],
)
def test_padding_and_stretching_are_said(crop: str, note: str, tmp_path: Path) -> None:
    save(tmp_path, [noise(16, 32, seed=seed) for seed in range(2)])
    assert note in _files.load(tmp_path, crop=crop).notes  # type: ignore[arg-type]


def test_pictures_that_are_enlarged_are_counted(tmp_path: Path) -> None:
    save(tmp_path, [noise(10, 12), noise(16, 16), noise(64, 64), noise(64, 64, seed=1)])
    assert "2 of 4 pictures are enlarged to 32x32; the smallest has 10x12." in _files.load(tmp_path, size=32).notes


def test_grey_among_colours_and_colours_made_grey_are_counted(tmp_path: Path) -> None:
    save(tmp_path, [noise(8, 8, 1), noise(8, 8, 3), noise(8, 8, 3, 1)])
    assert "1 of 3 pictures are grey, and become RGB like the others; --grey makes all grey." in (
        _files.load(tmp_path).notes
    )
    assert "2 of 3 pictures have colours, which become grey." in _files.load(tmp_path, grey=True).notes
    grey = save(tmp_path / "grey", [noise(8, 8, 1)])
    assert "All pictures are grey, and become RGB for the background red." in (
        _files.load(grey, background="red").notes
    )


def clear() -> Image.Image:
    return Image.fromarray(np.full((8, 8, 4), 100, dtype=np.uint8))


def palette_with_transparency() -> Image.Image:
    picture = noise(8, 8).quantize(8)
    picture.info["transparency"] = 0
    return picture


def turned() -> Image.Image:
    picture = noise(8, 16)
    picture.getexif()[0x0112] = 6
    return picture


@pytest.mark.parametrize(
    ("picture", "suffix", "note"),
    [
        (clear(), ".png", "have transparency: the background is white"),
        (palette_with_transparency(), ".png", "have transparency: the background is white"),
        (Image.fromarray(np.zeros((8, 8), np.uint16)), ".png", "have over 8 bits a channel, and are reduced to 8"),
        (Image.fromarray(np.zeros((8, 8), np.float32)), ".tif", "have over 8 bits a channel, and are reduced to 8"),
        (noise(8, 8).convert("CMYK"), ".jpg", "are of another colour space, such as CMYK, and become RGB"),
        (turned(), ".jpg", "are turned upright by their EXIF orientation"),
    ],
)
def test_other_modes_are_counted(picture: Image.Image, suffix: str, note: str, tmp_path: Path) -> None:
    save(tmp_path, [noise(8, 8)], ".png")
    save(tmp_path, [picture], suffix, **({"exif": picture.getexif()} if suffix == ".jpg" else {}))
    assert f"1 of 2 pictures {note}." in _files.load(tmp_path).notes


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_the_first_frame_of_several_is_read_and_said(suffix: str, tmp_path: Path) -> None:
    first, second = noise(8, 8, seed=1).quantize(16), noise(8, 8, seed=2).quantize(16)
    first.save(tmp_path / f"a{suffix}", save_all=True, append_images=[second])
    data = _files.load(tmp_path)
    assert "1 of 1 pictures have several frames, of which the first is read." in data.notes
    errors = [np.abs(np.asarray(one.convert("RGB")).astype(int) - data.samples[0]).mean() for one in (first, second)]
    assert errors[0] < errors[1]


def test_copies_are_counted(tmp_path: Path) -> None:
    save(tmp_path, [noise(8, 8), noise(8, 8), noise(8, 8, seed=1), noise(8, 8)])
    assert "2 pictures of 4 equal earlier ones." in _files.load(tmp_path).notes


def test_wrong_and_upper_case_suffixes_are_read_by_content(tmp_path: Path) -> None:
    noise(8, 8).save(tmp_path / "a.JPG", "PNG")
    noise(8, 8).save(tmp_path / "b.PNG", "BMP")
    assert len(_files.load(tmp_path)) == 2


def test_classes_of_one_picture_and_empty_folders_are_said(tmp_path: Path) -> None:
    for kind, count in (("a", 3), ("b", 1)):
        save(tmp_path / kind, [noise(8, 8, seed=seed) for seed in range(count)])
    (tmp_path / "c" / "deep").mkdir(parents=True)
    notes = _files.load(tmp_path).notes
    assert "1 of 2 classes with only one picture: b." in notes
    assert "Left out: 1 name, c (a folder without pictures)." in notes


def test_system_files_and_hidden_pictures_are_said(tmp_path: Path) -> None:
    save(tmp_path, [noise(8, 8)])
    for name in ("Thumbs.db", ".DS_Store", "._0.png", "desktop.ini"):
        (tmp_path / name).write_bytes(b"x")
    noise(8, 8).save(tmp_path / ".old.png")
    (tmp_path / ".thumbnails").mkdir()
    notes = _files.load(tmp_path).notes
    assert "Left out: 1 name, .thumbnails (a hidden folder)." in notes
    assert "Left out: 1 name, .old.png (a hidden picture)." in notes
    assert "Ignored 2 files that are not pictures, such as Thumbs.db." in notes


def test_shards_say_what_converting_their_pictures_changes(tmp_path: Path) -> None:
    from data.test_shards import png, shard

    shard(tmp_path / "a.tar", {f"{index}.png": png(np.full((16, 48, 3), index, np.uint8)) for index in range(3)})
    data = _files.load(tmp_path / "a.tar")
    assert "cuts 67% of the area away, in 3 of 3 pictures" in " ".join(data.notes)
    assert _files.load(tmp_path / "a.tar", crop="keep").samples.shape == (3, 16, 48, 3)
    assert _files.load(tmp_path / "a.tar", size="8x24").samples[:].shape == (3, 8, 24, 3)


def test_both_sides_of_pairs_have_one_shape(tmp_path: Path) -> None:
    for side, size in (("A", (20, 60)), ("B", (16, 48))):
        save(tmp_path / side, [noise(*size)])
    data = _find.load(str(tmp_path), pairs="folders", crop="keep")
    assert data.conditions is not None
    assert data.samples.shape[1:3] == data.conditions.shape[1:3] == (16, 48)


def test_the_second_of_two_sets_gets_the_shape_of_the_first(tmp_path: Path) -> None:
    one, other = save(tmp_path / "a", [noise(16, 48)]), save(tmp_path / "b", [noise(50, 40)])
    data = _find.load(str(one), str(other), crop="keep")
    assert data.conditions is not None
    assert data.samples.shape[1:3] == data.conditions.shape[1:3] == (16, 48)


def test_the_test_part_has_the_form_of_the_train_part(tmp_path: Path) -> None:
    save(tmp_path / "train", [noise(32, 96, seed=seed) for seed in range(3)])
    save(tmp_path / "test", [noise(16, 16, 1, seed) for seed in range(3)])
    for options in ({}, {"crop": "keep"}, {"size": 16}, {"crop": "keep", "size": 24}):
        source = data_source.find(str(tmp_path), options)
        test = data_source.the_test_part(source)
        assert test is not None
        assert test.domain == source.data.domain
        assert test.samples.shape[1:] == source.data.samples.shape[1:]


def test_the_test_part_of_a_grey_set_is_grey(tmp_path: Path) -> None:
    save(tmp_path / "train", [noise(16, 16, 1, seed) for seed in range(3)])
    save(tmp_path / "test", [noise(16, 16, 3, seed) for seed in range(3)])
    source = data_source.find(str(tmp_path), {})
    test = data_source.the_test_part(source)
    assert test is not None
    assert test.domain == source.data.domain


def test_a_broken_test_part_is_not_taken_for_none(tmp_path: Path) -> None:
    save(tmp_path / "train", [noise(16, 16)])
    save(tmp_path / "test", [noise(16, 16)])
    (tmp_path / "test" / "0.png").write_bytes(b"broken")
    with pytest.raises(UserError, match="cannot be used"):
        data_source.the_test_part(data_source.find(str(tmp_path), {}))
