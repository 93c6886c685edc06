"""Tests of the values of arrays: ranges of pictures, types and layouts, and what an .npz holds."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files
from ganwright.data._arrays import from_array
from ganwright.domains._pictures import Fit, Frame, fitted
from ganwright.domains.images import Images

RAMP = np.linspace(0, 1, 2 * 8 * 8).reshape(2, 8, 8)
BYTES = np.rint(RAMP * 255).astype(np.uint8)


def load(tmp_path: Path, array: np.ndarray, **options: object) -> Data:
    np.save(tmp_path / "a.npy", array)
    return _files.load(tmp_path / "a.npy", **options)  # type: ignore[arg-type]


def pixels(data: Data) -> np.ndarray:
    return data.samples[..., 0]


@pytest.mark.parametrize(
    ("array", "note"),
    [
        (RAMP, "Values from 0 to 1: 0 is black, 1 white."),
        (RAMP * 0.997, "Values from 0 to 0.997: 0 is black, 1 white."),
        (RAMP * 1.000001, "Values from 0 to 1.000001: 0 is black, 1 white, and 1 value outside is clipped."),
        (RAMP * 1.018 - 0.009, "0 is black, 1 white, and 4 values outside are clipped."),
        (RAMP * 2 - 1, "Values from -1 to 1: -1 is black, 1 white."),
        (RAMP * 2.02 - 1.01, "-1 is black, 1 white, and 2 values outside are clipped."),
        (RAMP * 255, "Values from 0 to 255: 0 is black, 255 white."),
        (RAMP * 256, "Values from 0 to 256: 0 is black, 255 white, and 1 value outside is clipped."),
        (np.rint(RAMP * 200).astype(np.int64), "Values from 0 to 200: 0 is black, 255 white."),
        (np.rint(RAMP * 60000).astype(np.uint16), "Values from 0 to 60000: 0 is black, 65535 white."),
    ],
)
def test_the_range_of_values_is_said(array: np.ndarray, note: str, tmp_path: Path, cache: Path) -> None:
    for data in (load(tmp_path, array), from_array(array)):
        assert note in " ".join(data.notes)
        assert abs(pixels(data).max().astype(int) - 255) <= 56
        assert pixels(data).min() == 0


def test_a_slight_overshoot_does_not_darken_pictures(tmp_path: Path, cache: Path) -> None:
    assert np.abs(pixels(load(tmp_path, RAMP * 1.000001)).astype(int) - BYTES).max() <= 1


@pytest.mark.parametrize(
    ("array", "likely"),
    [
        (RAMP * 1.05, "0:1"),
        (RAMP * 16, "0:1"),
        (RAMP * 100, "0:1"),
        (RAMP * 1.1 - 0.1, "-1:1"),
        (RAMP.round().astype(np.int64), "0:1"),
        (np.rint(RAMP * 16).astype(np.int32), "0:31"),
        (np.rint(RAMP * 4095).astype(np.uint16), "0:4095"),
        (np.rint(RAMP * 1000).astype(np.int16), "0:1023"),
    ],
)
def test_an_ambiguous_range_is_refused_with_the_option_that_settles_it(
    array: np.ndarray, likely: str, tmp_path: Path, cache: Path
) -> None:
    with pytest.raises(
        UserError, match=rf"a\.npy has values from .* the value of white: say --range {likely}, --range"
    ):
        load(tmp_path, array)
    with pytest.raises(UserError, match="which do not show the value of white"):
        Images(8, 8, 1).from_array(array, "it")
    high = float(array.max())
    data = load(tmp_path, array, range=f"0:{high:g}")
    assert pixels(data).max() == 255
    assert f"0 is black, {high:g} white" in " ".join(data.notes)


def test_the_option_range_scales_bytes_and_clips_what_is_outside(tmp_path: Path, cache: Path) -> None:
    masks = load(tmp_path, (RAMP > 0.5).astype(np.uint8))
    assert "hold 0 and 1 only, nearly black: say --range 0:1 if 1 is white" in " ".join(masks.notes)
    assert np.array_equal(pixels(load(tmp_path, (RAMP > 0.5).astype(np.uint8), range="0:1")), (RAMP > 0.5) * 255)
    data = load(tmp_path, RAMP * 100, range="-50:50")
    assert "and 64 values outside are clipped" in " ".join(data.notes)
    assert (pixels(data)[0, 0, 0], pixels(data).max()) == (127, 255)


@pytest.mark.parametrize("word", ["1:0", "0:0", "0", "a:b", "0:nan", "0:inf", "0:1:2", ""])
def test_wrong_ranges_are_refused(word: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--range is the values of black and white, such as 0:1"):
        load(tmp_path, RAMP, range=word)


def test_the_option_range_is_for_arrays_of_pictures(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--grey and --range are for pictures"):
        load(tmp_path, np.zeros((3, 2)), range="0:1")
    (tmp_path / "t.csv").write_text("1,2\n")
    for path in (tmp_path, tmp_path / "t.csv"):
        with pytest.raises(UserError, match="--range is an option of arrays"):
            _files.load(path, range="0:1")


def test_a_changed_range_is_not_taken_from_the_cache(tmp_path: Path, cache: Path) -> None:
    assert pixels(load(tmp_path, RAMP * 100, range="0:100")).max() == 255
    assert pixels(load(tmp_path, RAMP * 100, range="0:200")).max() == 127


@pytest.mark.parametrize(
    "array",
    [
        RAMP.astype(np.float16),
        RAMP.astype(">f4"),
        RAMP.astype(">f8"),
        np.asfortranarray(RAMP),
        RAMP.astype(np.longdouble),
        BYTES.astype(">u2"),
        BYTES.astype(np.int64),
        np.asfortranarray(BYTES),
        BYTES[::-1][::-1],
    ],
)
def test_types_and_layouts_give_the_same_pictures(array: np.ndarray, tmp_path: Path, cache: Path) -> None:
    for data in (load(tmp_path, array), from_array(array)):
        assert np.abs(pixels(data).astype(int) - BYTES).max() <= 1
        data.check()


def test_types_and_layouts_give_the_same_points(tmp_path: Path) -> None:
    points = RAMP.reshape(-1, 2)
    for array in (points, points.astype(">f4"), np.asfortranarray(points), points.astype(np.float16)):
        data = load(tmp_path, array)
        assert np.allclose(data.samples, points, atol=1e-3)
        data.check()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            np.where(RAMP == 1, np.nan, RAMP),
            r"holds 1 values that are not finite \(NaN or infinity\), the first in \[1\]",
        ),
        (np.array([[1, 2], [3, -np.inf], [np.nan, 1]]), r"holds 2 values that are not finite .* the first in \[1\]"),
        (RAMP.astype(complex), r"holds complex128 \[2, 8, 8\]; pictures are"),
        (np.zeros((2, 8, 8), dtype="M8[s]"), "holds datetime64"),
        (np.zeros(3, dtype=[("a", int), ("b", float)]), "; pictures are"),
        (np.zeros((0, 8, 8)), r"holds float64 \[0, 8, 8\]; pictures are"),
        (np.zeros((2, 8, 8, 0), dtype=np.uint8), "; pictures are"),
        (np.zeros((2, 2, 8, 8, 3)), "; pictures are"),
        (np.array([["a", "b"]]), "; pictures are"),
        (np.full((2, 2), 1e39), "outside the range of float32"),
    ],
)
def test_what_is_neither_pictures_nor_points_is_refused(array: np.ndarray, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, array)
    with pytest.raises(UserError, match=message):
        from_array(array)


def test_masked_values_are_refused() -> None:
    with pytest.raises(UserError, match="has masked values: fill them"):
        from_array(np.ma.masked_greater(RAMP, 0.5))
    assert len(from_array(np.ma.masked_greater(RAMP, 2))) == 2


def test_whole_numbers_that_are_rounded_are_counted(tmp_path: Path) -> None:
    data = load(tmp_path, np.array([[1 << 24, 3], [(1 << 24) + 1, 4], [-(1 << 40) - 1, 5]]))
    assert "2 whole numbers are rounded to float32." in data.notes
    assert load(tmp_path, np.array([[1, 2], [3, 4]])).notes == ()


def archive(tmp_path: Path, **arrays: np.ndarray) -> Data:
    np.savez(tmp_path / "a.npz", **arrays)
    return _files.load(tmp_path / "a.npz")


def test_what_an_archive_holds_besides_is_named(tmp_path: Path) -> None:
    labels = np.array([1, 0])
    assert "Arrays that are not read: extra, more." in archive(tmp_path, x=BYTES, y=labels, extra=RAMP, more=RAMP).notes
    single = archive(tmp_path, arr_0=BYTES)
    assert (len(single), single.notes) == (2, ("The array arr_0 is read as the samples.",))
    assert archive(tmp_path, pictures=BYTES, labels=labels).classes == ("0", "1")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("x_train", "x_test"), "holds x_train, x_test; expected one of samples, images, x, and labels if"),
        (("samples", "images"), "holds samples and images, which mean the same: leave one of them"),
        (("x", "y", "labels"), "holds labels and y, which mean the same: leave one of them"),
        (("labels",), "holds labels; expected one of samples"),
        ((), "holds no arrays; expected one of samples"),
    ],
)
def test_an_ambiguous_archive_is_refused(names: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        archive(tmp_path, **dict.fromkeys(names, BYTES))


def test_labels_of_another_length_are_refused_also_where_pictures_are_resized(tmp_path: Path, cache: Path) -> None:
    np.savez(tmp_path / "a.npz", x=BYTES, y=np.zeros(3, dtype=int))
    for options in ({}, {"size": 16}):
        with pytest.raises(UserError, match=r"labels of .* are int64 \[3\]; expected 2 integers or strings"):
            _files.load(tmp_path / "a.npz", **options)  # type: ignore[arg-type]


def header(shape: str) -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    padded = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded.encode()


@pytest.mark.parametrize("shape", ["(1000000000000, 8, 8)", "(2, 8, 9)", "(-1, 8, 8)", "('a', 8)", "(2, 8, 8"])
def test_headers_that_promise_more_than_the_file_holds_are_refused(shape: str, tmp_path: Path) -> None:
    content = header(shape) + BYTES.tobytes()
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("x.npy", content)
    for name in ("a.npy", "a.npz"):
        with pytest.raises(UserError, match=r"a\.np. cannot be read as an array"):
            _files.load(tmp_path / name)


def test_an_archive_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, x=BYTES)
    content = bytearray(buffer.getvalue())
    content[content.index(BYTES.tobytes()) + 5] ^= 1
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.npz cannot be read as an array \(.*CRC"):
        _files.load(tmp_path / "a.npz")


def test_pictures_of_floats_follow_the_same_ranges() -> None:
    frame = Frame(8, 16, "L")

    def read(values: np.ndarray) -> np.ndarray:
        return fitted(Image.fromarray(values.astype(np.float32).reshape(8, 16)), frame, Fit())

    assert np.abs(read(RAMP * 1.000001).ravel().astype(int) - BYTES.ravel()).max() <= 1
    assert np.abs(read(RAMP * 255).ravel().astype(int) - BYTES.ravel()).max() <= 1
    with pytest.raises(UserError, match="which do not show the value of white"):
        read(RAMP * 16)


def test_dark_pictures_of_16_bits_stay_dark() -> None:
    deep = Image.fromarray(np.full((8, 8), 3000, dtype=np.uint16))
    assert fitted(deep, Frame(8, 8, "L"), Fit()).max() == 12
