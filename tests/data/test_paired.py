"""Tests of pairs of pictures: the supported layouts, and errors that name pictures without a partner."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _find

COUNT = 3


def plain(shade: int, width: int = 8, height: int = 8) -> np.ndarray:
    return np.full((height, width, 3), shade, dtype=np.uint8)


def save(picture: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def shades(data: Data) -> list[tuple[int, int]]:
    """(condition, sample) of each pair."""
    assert data.conditions is not None
    assert data.paired
    return [(int(a.mean()), int(b.mean())) for a, b in zip(data.conditions, data.samples, strict=True)]


EXPECTED = [(10 * index, 100 + 10 * index) for index in range(COUNT)]


def side_by_side(folder: Path) -> None:
    for index, (a, b) in enumerate(EXPECTED):
        save(np.concatenate([plain(a), plain(b)], axis=1), folder / f"{index}.png")


@pytest.mark.parametrize(("pairs", "swapped"), [("left-right", False), ("right-left", True)])
def test_halves_of_a_picture_are_pairs(tmp_path: Path, pairs: str, swapped: bool) -> None:
    side_by_side(tmp_path)
    pairs_found = shades(_find.load(str(tmp_path), pairs=pairs))
    assert pairs_found == [(b, a) if swapped else (a, b) for a, b in EXPECTED]


def test_halves_have_a_train_and_a_test_part(tmp_path: Path) -> None:
    side_by_side(tmp_path / "train")
    save(np.concatenate([plain(1), plain(2)], axis=1), tmp_path / "test" / "0.png")
    assert shades(_find.load(str(tmp_path), pairs="left-right")) == EXPECTED
    assert shades(_find.load(str(tmp_path), pairs="left-right", split="test")) == [(1, 2)]


LAYOUTS: dict[str, Callable[[str, str], str]] = {
    "below the side": lambda part, side: f"{side}/{part}",
    "above the side": lambda part, side: f"{part}/{side}",
    "in one name": lambda part, side: f"{part}{side}",
    "nested": lambda part, side: f"set/{part}/{side}/more",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_pictures_of_the_same_name_in_two_folders_are_pairs(tmp_path: Path, layout: Callable[[str, str], str]) -> None:
    for index, (a, b) in enumerate(EXPECTED):
        save(plain(a), tmp_path / layout("train", "A") / f"{index}.png")
        save(plain(b), tmp_path / layout("train", "B") / f"{index}.bmp")
    for shade, side in ((1, "A"), (2, "B")):
        save(plain(shade), tmp_path / layout("test", side) / "0.png")
    assert shades(_find.load(str(tmp_path), pairs="folders")) == EXPECTED
    assert shades(_find.load(str(tmp_path), pairs="folders", split="test")) == [(1, 2)]


def test_the_first_of_two_paths_holds_the_conditions(tmp_path: Path) -> None:
    for index, (a, b) in enumerate(EXPECTED):
        save(plain(a), tmp_path / "photographs" / f"{index}.png")
        save(plain(b), tmp_path / "elsewhere" / "drawings" / f"{index}.png")
    one, other = str(tmp_path / "photographs"), str(tmp_path / "elsewhere" / "drawings")
    assert shades(_find.load(one, other, pairs="folders")) == EXPECTED
    assert shades(_find.load(other, one, pairs="folders")) == [(b, a) for a, b in EXPECTED]


def test_both_sides_have_one_size_and_their_own_channels(tmp_path: Path) -> None:
    save(plain(0, 40, 40)[..., 0], tmp_path / "A" / "0.png")
    save(plain(0, 20, 30), tmp_path / "B" / "0.png")
    data = _find.load(str(tmp_path), pairs="folders")
    assert data.samples.shape == (1, 16, 16, 3)
    assert data.conditions is not None
    assert data.conditions.shape == (1, 16, 16, 1)


def test_an_error_names_pictures_without_a_partner(tmp_path: Path) -> None:
    for name in ("A/1.png", "A/2.png", "B/1.png", "B/3.png"):
        save(plain(0), tmp_path / name)
    with pytest.raises(UserError, match=r"No partner of the same name in .* for A/2.png, B/3.png\."):
        _find.load(str(tmp_path), pairs="folders")


def test_an_error_names_a_picture_of_odd_width(tmp_path: Path) -> None:
    side_by_side(tmp_path)
    save(plain(0, 17), tmp_path / "odd.png")
    with pytest.raises(UserError, match=r"odd.png \(17 pixels wide, an odd number\)"):
        _find.load(str(tmp_path), pairs="left-right")


def test_a_picture_unusable_on_one_side_is_left_out_of_both(tmp_path: Path) -> None:
    for index in range(120):
        for side in "AB":
            save(plain(index), tmp_path / side / f"{index:03}.png")
    (tmp_path / "A" / "007.png").write_bytes(b"no picture")
    data = _find.load(str(tmp_path), pairs="folders")
    assert shades(data) == [(index, index) for index in range(120) if index != 7]
    assert any("007.png" in note for note in data.notes)


def test_pairs_of_folders_need_two_folders(tmp_path: Path) -> None:
    save(plain(0), tmp_path / "A" / "0.png")
    with pytest.raises(UserError, match="two folders such as A and B"):
        _find.load(str(tmp_path), pairs="folders")


def test_pairs_of_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.zeros((2, 8, 8), dtype=np.uint8))
    with pytest.raises(UserError, match="is read as arrays: --pairs is an option of pictures"):
        _find.load(str(tmp_path / "array.npy"), pairs="folders")


def test_other_gives_unpaired_data_of_the_first_sets_size(tmp_path: Path) -> None:
    for index in range(2):
        save(plain(50, 30, 30), tmp_path / f"{index}.png")
    data = _find.load("digits", str(tmp_path))
    assert data.samples.shape == (2, 8, 8, 3)
    assert data.conditions is not None
    assert data.conditions.shape == (1797, 8, 8, 1)
    assert not data.paired


def test_unpaired_sets_need_pictures_of_one_size(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.zeros((2, 16, 16), dtype=np.uint8))
    with pytest.raises(UserError, match="array has pictures of 16x16, grey, digits has pictures of 8x8"):
        _find.load(str(tmp_path / "array.npy"), "digits")
    with pytest.raises(UserError, match="--other is for pictures, but ring has points of 2 dimensions"):
        _find.load("digits", "ring")


def test_outlines_are_zero_inside_and_high_at_an_edge(tmp_path: Path) -> None:
    picture = plain(40)
    picture[:, 4:] = 200
    save(picture, tmp_path / "0.png")
    data = _find.load("outlines", of=str(tmp_path))
    assert data.conditions is not None
    assert data.conditions[0, :, :, 0].tolist() == [[0, 0, 0, 160, 160, 0, 0, 0]] * 8
