"""Pairs keep together, whichever way they lie; those that don't match are named."""

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


EXPECTED = [(10 * place, 100 + 10 * place) for place in range(COUNT)]


def side_by_side(folder: Path) -> None:
    for place, (a, b) in enumerate(EXPECTED):
        save(np.concatenate([plain(a), plain(b)], axis=1), folder / f"{place}.png")


@pytest.mark.parametrize(("pairs", "turned"), [("left-right", False), ("right-left", True)])
def test_halves_of_a_picture_are_pairs(tmp_path: Path, pairs: str, turned: bool) -> None:
    side_by_side(tmp_path)
    found = shades(_find.load(str(tmp_path), pairs=pairs))
    assert found == [(b, a) if turned else (a, b) for a, b in EXPECTED]


def test_halves_have_parts(tmp_path: Path) -> None:
    side_by_side(tmp_path / "train")
    save(np.concatenate([plain(1), plain(2)], axis=1), tmp_path / "test" / "0.png")
    assert shades(_find.load(str(tmp_path), pairs="left-right")) == EXPECTED
    assert shades(_find.load(str(tmp_path), pairs="left-right", split="test")) == [(1, 2)]


LAYOUTS: dict[str, Callable[[str, str], str]] = {
    "below the side": lambda part, side: f"{side}/{part}",
    "above the side": lambda part, side: f"{part}/{side}",
    "in one word": lambda part, side: f"{part}{side}",
    "deep in a folder": lambda part, side: f"set/{part}/{side}/more",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_folders_of_the_same_names_are_pairs_in_each_part(tmp_path: Path, layout: Callable[[str, str], str]) -> None:
    for place, (a, b) in enumerate(EXPECTED):
        save(plain(a), tmp_path / layout("train", "A") / f"{place}.png")
        save(plain(b), tmp_path / layout("train", "B") / f"{place}.bmp")
    for shade, side in ((1, "A"), (2, "B")):
        save(plain(shade), tmp_path / layout("test", side) / "0.png")
    assert shades(_find.load(str(tmp_path), pairs="folders")) == EXPECTED
    assert shades(_find.load(str(tmp_path), pairs="folders", split="test")) == [(1, 2)]


def test_two_paths_are_pairs_the_first_being_the_condition(tmp_path: Path) -> None:
    for place, (a, b) in enumerate(EXPECTED):
        save(plain(a), tmp_path / "photographs" / f"{place}.png")
        save(plain(b), tmp_path / "elsewhere" / "drawings" / f"{place}.png")
    one, other = str(tmp_path / "photographs"), str(tmp_path / "elsewhere" / "drawings")
    assert shades(_find.load(one, other, pairs="folders")) == EXPECTED
    assert shades(_find.load(other, one, pairs="folders")) == [(b, a) for a, b in EXPECTED]


def test_both_sides_have_one_size_and_their_own_colours(tmp_path: Path) -> None:
    save(plain(0, 40, 40)[..., 0], tmp_path / "A" / "0.png")
    save(plain(0, 20, 30), tmp_path / "B" / "0.png")
    data = _find.load(str(tmp_path), pairs="folders")
    assert data.samples.shape == (1, 16, 16, 3)
    assert data.conditions is not None
    assert data.conditions.shape == (1, 16, 16, 1)


def test_a_picture_without_a_partner_is_named(tmp_path: Path) -> None:
    for name in ("A/1.png", "A/2.png", "B/1.png", "B/3.png"):
        save(plain(0), tmp_path / name)
    with pytest.raises(UserError, match=r"No partner of the same name in .* for A/2.png, B/3.png\."):
        _find.load(str(tmp_path), pairs="folders")


def test_an_odd_picture_has_no_halves_and_is_named(tmp_path: Path) -> None:
    side_by_side(tmp_path)
    save(plain(0, 17), tmp_path / "odd.png")
    with pytest.raises(UserError, match=r"odd.png \(17 pixels wide, which makes no two halves\)"):
        _find.load(str(tmp_path), pairs="left-right")


def test_what_one_side_cannot_use_is_left_out_of_both(tmp_path: Path) -> None:
    for place in range(120):
        for side in "AB":
            save(plain(place), tmp_path / side / f"{place:03}.png")
    (tmp_path / "A" / "007.png").write_bytes(b"no picture")
    data = _find.load(str(tmp_path), pairs="folders")
    assert shades(data) == [(place, place) for place in range(120) if place != 7]
    assert any("007.png" in note for note in data.notes)


def test_pairs_want_two_folders(tmp_path: Path) -> None:
    save(plain(0), tmp_path / "A" / "0.png")
    with pytest.raises(UserError, match="two folders such as A and B"):
        _find.load(str(tmp_path), pairs="folders")


def test_an_array_holds_no_pairs(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.zeros((2, 8, 8), dtype=np.uint8))
    with pytest.raises(UserError, match="pairs are pictures in a folder"):
        _find.load(str(tmp_path / "array.npy"), pairs="folders")


def test_another_set_makes_an_unpaired_one_of_the_firsts_size(tmp_path: Path) -> None:
    for place in range(2):
        save(plain(50, 30, 30), tmp_path / f"{place}.png")
    data = _find.load("digits", str(tmp_path))
    assert data.samples.shape == (2, 8, 8, 3)
    assert data.conditions is not None
    assert data.conditions.shape == (1797, 8, 8, 1)
    assert not data.paired


def test_sets_of_two_sizes_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.zeros((2, 16, 16), dtype=np.uint8))
    with pytest.raises(UserError, match="array has pictures of 16x16, grey, digits has pictures of 8x8"):
        _find.load(str(tmp_path / "array.npy"), "digits")
    with pytest.raises(UserError, match="--other goes with pictures"):
        _find.load("digits", "ring")


def test_a_plain_picture_has_no_outline_and_an_edge_has_one(tmp_path: Path) -> None:
    picture = plain(40)
    picture[:, 4:] = 200
    save(picture, tmp_path / "0.png")
    data = _find.load("outlines", of=str(tmp_path))
    assert data.conditions is not None
    assert data.conditions[0, :, :, 0].tolist() == [[0, 0, 0, 160, 160, 0, 0, 0]] * 8
