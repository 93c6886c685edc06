"""Photographs of any size as tiles at their own resolution."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data._files import load
from ganwright.data._tiles import starts


def photograph(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An upright photograph, one that EXIF turns, and a grey one."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    Image.fromarray(photograph(40, 50)).save(folder / "a.png")
    turned = Image.fromarray(photograph(16, 33))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "b.png", exif=exif)
    Image.fromarray(photograph(16, 16)[..., 0]).save(folder / "c.png")
    return folder


def test_tiles_cover_every_pixel_at_its_own_resolution(folder: Path) -> None:
    data = load(folder, tiles=16)
    assert data.samples.shape == (12 + 3 + 1, 16, 16, 3)
    whole = photograph(40, 50)
    corners = [(y, x) for y in (0, 16, 24) for x in (0, 16, 32, 34)]
    for tile, (y, x) in zip(data.samples[:12], corners, strict=True):
        assert np.array_equal(tile, whole[y : y + 16, x : x + 16])
    upright = np.rot90(photograph(16, 33), -1)
    assert np.array_equal(data.samples[12], upright[:16])
    assert np.array_equal(data.samples[14], upright[-16:])
    assert (data.samples[15] == photograph(16, 16)[..., :1]).all()


def test_labels_are_those_of_the_photographs(folder: Path) -> None:
    for name, kind in (("a", "one"), ("b", "other"), ("c", "other")):
        (folder / kind).mkdir(exist_ok=True)
        (folder / f"{name}.png").rename(folder / kind / f"{name}.png")
    data = load(folder, tiles=16)
    assert data.classes == ("one", "other")
    assert np.asarray(data.labels).tolist() == [0] * 12 + [1] * 4


def test_photographs_that_cannot_be_cut_are_named(folder: Path) -> None:
    Image.fromarray(photograph(160, 160)).save(folder / "large.png")  # so many tiles that one may be missing
    (folder / "broken.png").write_bytes(b"no picture")
    notes = " ".join(load(folder, tiles=12).notes)
    assert "broken.png (not a picture that can be read)" in notes
    with pytest.raises(UserError, match=r"c\.png \(16x16, smaller than the tiles of 32\)"):
        load(folder, tiles=32)


@pytest.mark.parametrize("options", [{"size": 32}, {"crop": "pad"}, {"filter": "box"}])
def test_what_has_no_meaning_for_tiles_is_refused(folder: Path, options: dict[str, object]) -> None:
    with pytest.raises(UserError, match="own resolution"):
        load(folder, tiles=16, **options)  # type: ignore[arg-type]


def test_tiles_need_pictures(tmp_path: Path, folder: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 16, 16), np.uint8))
    with pytest.raises(UserError, match="folder or zip"):
        load(tmp_path / "a.npy", tiles=8)
    with pytest.raises(UserError, match="at least 8"):
        load(folder, tiles=4)


def test_starts() -> None:
    assert starts(10, 4) == [0, 4, 6]
    assert starts(8, 4) == [0, 4]
    assert starts(4, 4) == [0]
