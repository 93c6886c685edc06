"""Tests of tiles cut from pictures of any size without resizing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data._files import load
from ganwright.data._tiles import starts


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An upright picture, one rotated by EXIF, and a grey one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(picture(40, 50)).save(folder / "a.png")
    turned = Image.fromarray(picture(16, 33))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "b.png", exif=exif)
    Image.fromarray(picture(16, 16)[..., 0]).save(folder / "c.png")
    return folder


def test_tiles_cover_every_pixel_without_resizing(folder: Path) -> None:
    data = load(folder, tiles=16)
    assert data.samples.shape == (12 + 3 + 1, 16, 16, 3)
    whole = picture(40, 50)
    corners = [(y, x) for y in (0, 16, 24) for x in (0, 16, 32, 34)]
    for tile, (y, x) in zip(data.samples[:12], corners, strict=True):
        assert np.array_equal(tile, whole[y : y + 16, x : x + 16])
    upright = np.rot90(picture(16, 33), -1)
    assert np.array_equal(data.samples[12], upright[:16])
    assert np.array_equal(data.samples[14], upright[-16:])
    assert (data.samples[15] == picture(16, 16)[..., :1]).all()


def test_tiles_have_the_labels_of_their_pictures(folder: Path) -> None:
    for name, kind in (("a", "one"), ("b", "other"), ("c", "other")):
        (folder / kind).mkdir(exist_ok=True)
        (folder / f"{name}.png").rename(folder / kind / f"{name}.png")
    data = load(folder, tiles=16)
    assert data.classes == ("one", "other")
    assert np.asarray(data.labels).tolist() == [0] * 12 + [1] * 4


def test_an_error_names_pictures_that_cannot_be_cut(folder: Path) -> None:
    Image.fromarray(picture(160, 160)).save(folder / "large.png")  # enough tiles that one may be unusable
    (folder / "broken.png").write_bytes(b"no picture")
    notes = " ".join(load(folder, tiles=12).notes)
    assert "broken.png (not a readable picture)" in notes
    with pytest.raises(UserError, match=r"c\.png \(16x16, smaller than the tiles of 32\)"):
        load(folder, tiles=32)


@pytest.mark.parametrize("options", [{"size": 32}, {"crop": "pad"}, {"filter": "box"}])
def test_options_of_resizing_are_refused(folder: Path, options: dict[str, object]) -> None:
    with pytest.raises(UserError, match="Tiles are not resized"):
        load(folder, tiles=16, **options)  # type: ignore[arg-type]


def test_tiles_need_pictures_of_at_least_8_pixels(tmp_path: Path, folder: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 16, 16), np.uint8))
    with pytest.raises(UserError, match="is read as arrays: --tiles is an option of pictures"):
        load(tmp_path / "a.npy", tiles=8)
    with pytest.raises(UserError, match="at least 8"):
        load(folder, tiles=4)


def test_the_last_interval_ends_with_the_length() -> None:
    assert starts(10, 4) == [0, 4, 6]
    assert starts(8, 4) == [0, 4]
    assert starts(4, 4) == [0]
