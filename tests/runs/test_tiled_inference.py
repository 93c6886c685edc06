"""Tiled inference: pictures of any size, grey, transparent, in folders; and unreadable files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import pictures
from ganwright.config.recipe import resolve_recipe
from ganwright.core import tiling
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.runs import tiled_inference

OPTIONS = {"scale": 2, "crop_size": 8, "width": 4, "blocks": 1, "discriminator_width": 2}


def recipe(channels: int = 3) -> Recipe:
    return resolve_recipe("srgan", False, 0, OPTIONS).build(pictures(size=8, channels=channels))


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def transformed(pixels: np.ndarray, channels: int = 3) -> np.ndarray:
    return np.concatenate(list(tiled_inference.strips(recipe(channels), pixels)))


def saved(array: np.ndarray, path: Path) -> Path:
    Image.fromarray(array).save(path)
    return path


def test_a_picture_of_any_size_is_enlarged(tmp_path: Path) -> None:
    source = saved(noise(9, 14, 3), tmp_path / "photo.png")
    sentence = tiled_inference.apply(recipe(), source, tmp_path / "new" / "big.png")
    assert "(28x18 pixels)" in sentence
    with Image.open(tmp_path / "new" / "big.png") as image:
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), transformed(noise(9, 14, 3)))


@pytest.mark.parametrize("side", [8, 16])
def test_tiles_leave_no_seams(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(37, 50, 3)
    whole = transformed(pixels)
    monkeypatch.setattr(tiling.strips, "__defaults__", (side,))
    parts = transformed(pixels)
    assert np.abs(parts.astype(int) - whole).max() <= 1
    assert (parts == whole).mean() > 0.99


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("mode", "expected"), [("L", "L"), ("RGB", "RGB"), ("LA", "LA"), ("RGBA", "RGBA"), ("P", "RGB"), ("1", "L")]
)
def test_picture_modes_are_preserved(mode: str, expected: str, channels: int, tmp_path: Path) -> None:
    given = Image.fromarray(noise(6, 7, 4))
    (given.convert("RGB") if mode == "P" else given).convert(mode).save(tmp_path / "photo.png")
    tiled_inference.apply(recipe(channels), tmp_path / "photo.png", tmp_path / "big.png")
    with Image.open(tmp_path / "big.png") as image:
        image.load()
        assert (image.mode, image.size) == (expected, (14, 12))


def test_opacity_is_interpolated(tmp_path: Path) -> None:
    pixels = noise(6, 6, 4)
    pixels[..., 3] = 255
    pixels[:, :3, 3] = 0
    tiled_inference.apply(recipe(), saved(pixels, tmp_path / "photo.png"), tmp_path / "big.png")
    with Image.open(tmp_path / "big.png") as image:
        big = np.asarray(image)
    assert (big[:, :4, 3] == 0).all()
    assert (big[:, -4:, 3] == 255).all()
    assert np.array_equal(big[..., :3], transformed(pixels[..., :3]))


def test_a_grey_network_enlarges_each_colour_channel() -> None:
    pixels = noise(5, 6, 3)
    together = transformed(pixels, channels=1)
    for colour in range(3):
        alone = transformed(pixels[..., colour, None], channels=1)
        assert np.abs(together[..., colour].astype(int) - alone[..., 0]).max() <= 1


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    image = Image.fromarray(noise(6, 10, 3))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.png", exif=exif)
    said = tiled_inference.apply(recipe(), tmp_path / "turned.png", tmp_path / "big.npy")
    assert said.endswith("turned.png was turned upright by its EXIF orientation.")
    assert np.array_equal(np.load(tmp_path / "big.npy"), transformed(np.rot90(noise(6, 10, 3), -1)))


def test_a_folder_of_pictures_is_transformed(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    saved(noise(5, 5, 3), folder / "a.png")
    saved(noise(8, 4), folder / "b.jpg")
    (folder / "notes.txt").write_text("no picture")
    assert tiled_inference.apply(recipe(), folder, tmp_path / "big").startswith("Wrote 2 of 2 pictures")
    assert sorted(path.name for path in (tmp_path / "big").iterdir()) == ["a.png", "b.png"]


def test_what_is_converted_in_a_folder_is_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.new("CMYK", (5, 5)).save(tmp_path / "in" / "a.jpg")
    Image.fromarray(np.full((5, 5), 900, np.uint16)).save(tmp_path / "in" / "b.png")
    Image.new("RGBA", (5, 5)).save(tmp_path / "in" / "c.png")
    said = tiled_inference.apply(recipe(), tmp_path / "in", tmp_path / "big")
    assert "1 of 3 pictures was converted to RGB from another colour space, such as CMYK." in said
    assert "1 of 3 pictures was reduced to 8 bits." in said
    assert "transparent" not in said


def test_an_unreadable_picture_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    saved(noise(5, 5, 3), folder / "b.png")
    with pytest.raises(UserError, match=r"a\.png cannot be read: not a readable picture.*1 of 2 pictures"):
        tiled_inference.apply(recipe(), folder, tmp_path / "big")
    assert [path.name for path in (tmp_path / "big").iterdir()] == ["b.png"]


def refused(tmp_path: Path) -> dict[str, tuple[Path, Path]]:
    photo, text = saved(noise(5, 5, 3), tmp_path / "photo.png"), tmp_path / "text.png"
    text.write_text("words")
    empty, twice = tmp_path / "empty", tmp_path / "twice"
    for folder in (empty, twice):
        folder.mkdir()
    for suffix in ("png", "bmp"):
        saved(noise(5, 5, 3), twice / f"same.{suffix}")
    return {
        "no such picture": (tmp_path / "missing.png", tmp_path / "big.png"),
        "cannot be read: not a readable picture": (text, tmp_path / "big.png"),
        r"can be saved as \.png, \.npy": (photo, tmp_path / "big.jpg"),
        "has no pictures": (empty, tmp_path / "big"),
        "several pictures are named same": (twice, tmp_path / "big"),
        "is saved into a folder": (twice, tmp_path / "big.png"),
    }


def test_a_refused_picture_leaves_no_file(tmp_path: Path) -> None:
    for message, (source, out) in refused(tmp_path).items():
        with pytest.raises(UserError, match=message):
            tiled_inference.apply(recipe(), source, out)
        assert not out.exists()
        assert not list(tmp_path.glob(".*partial"))


def test_a_generative_recipe_does_not_transform_pictures() -> None:
    other: Any = resolve_recipe("vanilla", False, 0, {}).build(pictures())
    with pytest.raises(UserError, match="does not transform pictures"):
        next(tiled_inference.strips(other, noise(8, 8, 1)))
