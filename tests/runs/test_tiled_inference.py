"""Pictures of the user's own: any size, grey, transparent, a folder of them; and what is none."""

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


def made(pixels: np.ndarray, channels: int = 3) -> np.ndarray:
    return np.concatenate(list(tiled_inference.strips(recipe(channels), pixels)))


def saved(array: np.ndarray, path: Path) -> Path:
    Image.fromarray(array).save(path)
    return path


def test_a_picture_of_any_size_becomes_larger(tmp_path: Path) -> None:
    given = saved(noise(9, 14, 3), tmp_path / "photo.png")
    sentence = tiled_inference.apply(recipe(), given, tmp_path / "new" / "big.png")
    assert "28x18 pixels" in sentence
    with Image.open(tmp_path / "new" / "big.png") as image:
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), made(noise(9, 14, 3)))


@pytest.mark.parametrize("side", [8, 16])
def test_tiles_do_not_show(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(37, 50, 3)
    whole = made(pixels)
    monkeypatch.setattr(tiling.strips, "__defaults__", (side,))
    parts = made(pixels)
    assert np.abs(parts.astype(int) - whole).max() <= 1
    assert (parts == whole).mean() > 0.99


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("mode", "expected"), [("L", "L"), ("RGB", "RGB"), ("LA", "LA"), ("RGBA", "RGBA"), ("P", "RGB"), ("1", "L")]
)
def test_modes_come_back(mode: str, expected: str, channels: int, tmp_path: Path) -> None:
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
    assert np.array_equal(big[..., :3], made(pixels[..., :3]))


def test_a_network_of_grey_pictures_enlarges_each_colour() -> None:
    pixels = noise(5, 6, 3)
    together = made(pixels, channels=1)
    for colour in range(3):
        alone = made(pixels[..., colour, None], channels=1)
        assert np.abs(together[..., colour].astype(int) - alone[..., 0]).max() <= 1


def test_photographs_are_turned_upright(tmp_path: Path) -> None:
    image = Image.fromarray(noise(6, 10, 3))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.png", exif=exif)
    tiled_inference.apply(recipe(), tmp_path / "turned.png", tmp_path / "big.npy")
    assert np.array_equal(np.load(tmp_path / "big.npy"), made(np.rot90(noise(6, 10, 3), -1)))


def test_a_folder_becomes_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    saved(noise(5, 5, 3), folder / "a.png")
    saved(noise(8, 4), folder / "b.jpg")
    (folder / "notes.txt").write_text("no picture")
    assert tiled_inference.apply(recipe(), folder, tmp_path / "big").startswith("2 of 2 pictures")
    assert sorted(path.name for path in (tmp_path / "big").iterdir()) == ["a.png", "b.png"]


def test_what_cannot_be_read_does_not_keep_the_others_back(tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    saved(noise(5, 5, 3), folder / "b.png")
    with pytest.raises(UserError, match=r"a\.png cannot be read: not a picture.*1 of 2 pictures"):
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
        "there is no such picture": (tmp_path / "missing.png", tmp_path / "big.png"),
        "cannot be read: not a picture": (text, tmp_path / "big.png"),
        r"can be saved as \.png, \.npy": (photo, tmp_path / "big.jpg"),
        "there are no pictures in it": (empty, tmp_path / "big"),
        "several pictures are called same": (twice, tmp_path / "big"),
        "are saved in a folder": (twice, tmp_path / "big.png"),
    }


def test_what_is_wrong_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    for words, (given, out) in refused(tmp_path).items():
        with pytest.raises(UserError, match=words):
            tiled_inference.apply(recipe(), given, out)
        assert not out.exists()
        assert not list(tmp_path.glob(".*partial"))


def test_a_recipe_of_samples_makes_nothing_of_pictures() -> None:
    other: Any = resolve_recipe("vanilla", False, 0, {}).build(pictures())
    with pytest.raises(UserError, match="not one picture of another"):
        next(tiled_inference.strips(other, noise(8, 8, 1)))
