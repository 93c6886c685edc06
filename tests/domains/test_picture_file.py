"""The one reader of pictures: depth, orientation, transparency, palettes, and what it says of them."""

import ast
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from ganwright.core.errors import UserError
from ganwright.domains._picture_file import flat, in_folder, whole
from ganwright.domains.images import Images

ROOT = Path(ganwright.__file__).parent
OPENS = {"domains/_pictures.py", "runs/folder.py"}


def saved(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_no_other_file_opens_pictures() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "Image.open"
    }
    assert found <= OPENS


def test_sixteen_bits_are_scaled_and_said(tmp_path: Path) -> None:
    deep = (noise(9, 9).astype(np.uint16) * 257).clip(300, None)
    picture = flat(saved(tmp_path / "deep.png", deep))
    assert np.array_equal(picture.pixels[..., 0], np.rint(deep / 257))
    assert picture.changes == ("reduced to 8 bits",)


def test_a_dark_picture_of_sixteen_bits_stays_dark(tmp_path: Path) -> None:
    assert flat(saved(tmp_path / "dark.png", np.full((9, 9), 200, np.uint16))).pixels.max() == 1


def test_the_exif_orientation_is_applied(tmp_path: Path) -> None:
    image = Image.fromarray(noise(6, 10, 3))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.png", exif=exif)
    picture = flat(tmp_path / "turned.png")
    assert picture.size == (10, 6)
    assert np.array_equal(picture.pixels, np.rot90(noise(6, 10, 3), -1))


def test_transparency_is_put_on_a_background_and_said(tmp_path: Path) -> None:
    pixels = noise(5, 5, 4)
    pixels[..., 3] = 255
    opaque = flat(saved(tmp_path / "opaque.png", pixels))
    pixels[0, 0] = (9, 9, 9, 0)
    seen = flat(saved(tmp_path / "seen.png", pixels), background="black")
    assert opaque.changes == ()
    assert seen.changes == ("put on black where transparent",)
    assert seen.pixels[0, 0].tolist() == [0, 0, 0]


def test_palettes_are_colour_unless_all_are_grey(tmp_path: Path) -> None:
    Image.fromarray(noise(6, 6, 3)).convert("P").save(tmp_path / "colour.png")
    Image.fromarray(noise(6, 6)).convert("P").save(tmp_path / "grey.png")
    assert flat(tmp_path / "colour.png").pixels.shape == (6, 6, 3)
    assert flat(tmp_path / "grey.png").pixels.shape == (6, 6, 1)
    assert flat(tmp_path / "grey.png", channels=3).changes == ("converted from grey to colour",)


def test_only_the_first_of_several_frames_is_read_and_that_is_said(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((8, 8), shade, np.uint8)) for shade in (0, 255)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    picture = flat(tmp_path / "a.gif")
    assert picture.pixels.max() == 0
    assert "read as their first frame" in picture.changes


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_an_unreadable_picture_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    for read in (flat, whole):
        with pytest.raises(UserError, match=r"The picture .*a\.png cannot be read: "):
            read(tmp_path / "a.png")


def test_a_folder_tells_what_else_it_holds(tmp_path: Path) -> None:
    saved(tmp_path / "a.png", noise(8, 8))
    assert in_folder(tmp_path) == ([tmp_path / "a.png"], "")
    saved(tmp_path / "deeper" / "b.png", noise(8, 8))
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".hidden").touch()
    assert in_folder(tmp_path)[1] == f"Ignored 2 other files or folders in {tmp_path}, such as deeper."


# -- samples of a domain


@pytest.mark.parametrize(("height", "width", "channels"), [(50, 50, 3), (24, 72, 3), (128, 128, 1)])
def test_samples_of_any_size_and_shape_are_read_unchanged(
    height: int, width: int, channels: int, tmp_path: Path
) -> None:
    domain, samples = Images(height, width, channels), noise(5, height, width, channels)
    domain.write_folder(samples, None, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        for file in sorted((tmp_path / "out").iterdir()):
            archive.write(file, f"out/{file.name}")
    for name in ("out", "out.zip"):
        read = domain.read(tmp_path / name, {})
        assert np.array_equal(read.samples, samples)
        assert read.notes == ()
        assert read.conditions is None


def test_classes_are_the_folders_of_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("cat", "dog"):
            archive.write(saved(tmp_path / "a.png", noise(8, 8)), f"all/{name}/a.png")
        archive.writestr("all/notes.txt", "no picture")
    read = Images(8, 8, 1).read(tmp_path / "a.zip", {})
    assert read.conditions is not None
    assert read.conditions.tolist() == ["cat", "dog"]
    assert read.notes == (
        f"Ignored 1 other files in {tmp_path / 'a.zip'} that hold no pictures, such as all/notes.txt.",
    )


def test_a_zip_without_pictures_or_a_torn_one_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04 torn")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("notes.txt", "no picture")
    with pytest.raises(UserError, match=r"torn\.zip begins as a zip, but its end is missing"):
        Images(8, 8, 1).read(tmp_path / "torn.zip", {})
    with pytest.raises(UserError, match=r"none\.zip holds no pictures"):
        Images(8, 8, 1).read(tmp_path / "none.zip", {})


def test_what_is_converted_in_a_folder_is_counted(tmp_path: Path) -> None:
    saved(tmp_path / "a.png", noise(8, 8))
    saved(tmp_path / "b.png", noise(8, 8, 3))
    saved(tmp_path / "c.png", noise(20, 30))
    (tmp_path / "notes.txt").touch()
    assert Images(8, 8, 1).read(tmp_path, {}).notes == (
        f"1 of 3 files in {tmp_path} was converted from colour to grey.",
        f"1 of 3 files in {tmp_path} was cropped to the proportions of 8x8 (33% of the area cut away).",
        f"1 of 3 files in {tmp_path} was reduced to 8x8 (from 20x30).",
        f"Ignored 1 other files in {tmp_path} that hold no pictures, such as notes.txt.",
    )


def test_an_array_of_other_values_is_converted_and_said(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.linspace(-1, 1, 64, dtype=np.float32).reshape(1, 8, 8))
    read = Images(8, 8, 1).read(tmp_path / "a.npy")
    assert read.notes == (f"{tmp_path / 'a.npy'}: Values from -1 to 1: -1 is black, 1 white.",)


def test_pictures_beside_class_folders_cost_the_classes_and_that_is_said(tmp_path: Path) -> None:
    for name in ("cat/a.png", "dog/a.png", "stray.png"):
        saved(tmp_path / name, noise(8, 8))
    read = Images(8, 8, 1).read(tmp_path)
    assert read.conditions is None
    assert "1 of 3 files lie" in read.notes[0]
    assert "stray.png: its subfolders are not taken as classes" in read.notes[0]


def test_pictures_and_an_array_in_one_folder_are_said_to_be_mixed(tmp_path: Path) -> None:
    saved(tmp_path / "a.png", noise(8, 8))
    np.savez(tmp_path / "b.npz", samples=noise(3, 8, 8), labels=np.arange(3))
    read = Images(8, 8, 1).read(tmp_path)
    assert len(read.samples) == 4
    assert "files of several kinds (1 .png, 1 .npz)" in read.notes[0]
    assert "Labels are left out: 1 of the 2 files" in read.notes[1]
