"""Tests of the conversion of one picture of any mode and size: shape, dtype, and values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from ganwright.core.errors import UserError
from ganwright.domains._pictures import Fit, Frame, fitted, is_grey

MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "F"]
DEEP = {"I": np.int32, "I;16": np.uint16, "F": np.float32}
sides = st.integers(8, 70)


def noise(mode: str, width: int, height: int, seed: int = 0) -> Image.Image:
    colours = np.random.default_rng(seed).integers(256, size=(height, width, 4), dtype=np.uint8)
    if mode in DEEP:
        return Image.fromarray(colours[..., 0].astype(DEEP[mode]))
    if mode in ("LAB", "HSV", "CMYK", "YCbCr"):
        return Image.frombytes(mode, (width, height), colours[..., : 4 if mode == "CMYK" else 3].tobytes())
    if mode in ("La", "RGBa"):
        return Image.fromarray(colours).convert(mode.upper()).convert(mode)
    if mode == "PA":
        return Image.fromarray(colours).convert("P").convert("PA")
    return Image.fromarray(colours).convert(mode)


@given(st.sampled_from(MODES), sides, sides, sides, st.sampled_from(["centre", "pad", "none"]), st.booleans())
def test_any_mode_and_size_is_converted(mode: str, width: int, height: int, size: int, crop: str, grey: bool) -> None:
    frame = Frame(size, size, "L" if grey else "RGB")
    pixels = fitted(noise(mode, width, height), frame, Fit(size, crop))  # type: ignore[arg-type]
    assert pixels.shape == frame.shape
    assert pixels.dtype == np.uint8


@given(sides, st.integers(0, 99), st.sampled_from(["L", "RGB"]), st.sampled_from(["centre", "pad", "none"]))
def test_a_picture_of_the_requested_size_is_unchanged(size: int, seed: int, mode: str, crop: str) -> None:
    picture = noise(mode, size, size, seed)
    pixels = fitted(picture, Frame(size, size, mode), Fit(size, crop))  # type: ignore[arg-type]
    assert np.array_equal(pixels.squeeze(), np.asarray(picture))


def test_sixteen_bits_are_divided_by_257() -> None:
    deep = np.arange(0, 65536, dtype=np.uint16).reshape(256, 256)
    for image in (Image.fromarray(deep), Image.fromarray(deep.astype(np.int32))):
        assert is_grey(image)
        assert np.array_equal(fitted(image, Frame(256, 256, "L"), Fit())[..., 0], np.rint(deep / 257))


def test_a_dark_deep_picture_stays_dark() -> None:
    assert fitted(Image.fromarray(np.full((8, 8), 200, dtype=np.int32)), Frame(8, 8, "L"), Fit()).max() == 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pixels_show_the_background(mode: str) -> None:
    clear = Image.new("RGBA", (8, 8), (10, 20, 30, 0)).convert(mode)
    pixels = fitted(clear, Frame(8, 8, "RGB"), Fit(background="#102030"))
    assert (pixels == [16, 32, 48]).all()


def test_lab_is_converted_by_its_profile() -> None:
    ends = [ImageCms.createProfile(name) for name in ("sRGB", "LAB")]
    colour = Image.new("RGB", (8, 8), (200, 100, 50))
    lab = ImageCms.profileToProfile(colour, *ends, outputMode="LAB")
    assert lab is not None
    assert np.abs(fitted(lab, Frame(8, 8, "RGB"), Fit()).astype(int) - [200, 100, 50]).max() <= 3


def test_exif_orientation_is_applied() -> None:
    picture = noise("RGB", 16, 16)
    picture.getexif()[0x0112] = 6  # a quarter turn clockwise
    expected = np.rot90(np.asarray(picture), k=-1)
    assert np.array_equal(fitted(picture, Frame(16, 16, "RGB"), Fit()), expected)
    assert np.array_equal(np.asarray(ImageOps.exif_transpose(picture)), expected)


@pytest.mark.parametrize(("crop", "corner"), [("centre", 0), ("pad", 255), ("none", 0)])
def test_crop_cuts_pads_or_stretches(crop: str, corner: int) -> None:
    black = Image.new("L", (32, 16), 0)
    pixels = fitted(black, Frame(8, 8, "L"), Fit(8, crop))  # type: ignore[arg-type]
    assert pixels[0, 0, 0] == corner
    assert pixels[4, 4, 0] == 0


def test_a_very_wide_picture_is_padded() -> None:
    assert fitted(Image.new("L", (1000, 8)), Frame(16, 16, "L"), Fit(16, "pad")).min() == 0


def test_palettes_of_greys_are_grey() -> None:
    assert is_grey(Image.fromarray(np.eye(8, dtype=np.uint8) * 90).convert("RGB").quantize(2))
    assert not is_grey(Image.new("RGB", (8, 8), "red").quantize(2))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"crop": "center"}, "Did you mean centre"), ({"background": "wihte"}, "colour"), ({"size": 4}, "8")],
)
def test_invalid_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Fit(**options)  # type: ignore[arg-type]


def test_the_cache_key_holds_every_option() -> None:
    options = {"size": 8, "crop": "pad", "filter": "box", "ground": "black", "grey": True, "tiles": None}
    assert Fit(8, "pad", "box", "black", True).cache_key == options
