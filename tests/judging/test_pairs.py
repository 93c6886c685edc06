"""Pairs of pictures: matched by name, validated, and measured pair by pair."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganwright
from ganwright.core.errors import UserError
from ganwright.judging.pairs import find_pairs, tiles


def folder(path: Path, names: list[str], size: int = 48, noise: int = 0) -> Path:
    """Writes smooth noisy pictures that depend on the name without its suffix."""
    path.mkdir()
    for name in names:
        random = np.random.default_rng(len(name.split("_")[0]))
        picture = np.linspace(0, 200, size * size * 3).reshape(size, size, 3) + random.integers(-10, 10, 3)
        picture = picture + np.random.default_rng(1).integers(-noise, noise + 1, picture.shape)
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(path / name)
    return path


def test_pairs_are_matched_by_name_without_its_suffix(tmp_path: Path) -> None:
    fakes, reals = folder(tmp_path / "a", ["a_SR.png", "bb_SR.png"]), folder(tmp_path / "b", ["a_HR.png", "bb_HR.png"])
    assert [pair.name for pair in find_pairs(fakes, reals)[0]] == ["a", "bb"]


def test_a_picture_without_a_partner_is_reported(tmp_path: Path) -> None:
    fakes, reals = folder(tmp_path / "a", ["a.png"]), folder(tmp_path / "b", ["a.png", "bb.png"])
    with pytest.raises(UserError, match=r"bb\.png has no partner with that name in .*a\."):
        find_pairs(fakes, reals)


def test_two_pictures_with_one_pair_name_are_refused(tmp_path: Path) -> None:
    reals = folder(tmp_path / "b", ["a_HR.png", "a_LR.png"])
    with pytest.raises(UserError, match="are both called a: use one folder for each kind"):
        find_pairs(reals, reals)


def test_equal_pictures_reach_perfect_scores_and_noisy_pictures_do_not(tmp_path: Path) -> None:
    reals, noisy = folder(tmp_path / "real", ["a.png"]), folder(tmp_path / "noisy", ["a.png"], noise=20)
    same = ganwright.judge(reals, reals, pairs=True, out=tmp_path / "one")
    other = ganwright.judge(noisy, reals, pairs=True, out=tmp_path / "other")
    assert same["psnr_rgb"] == float("inf")
    assert same["ssim_y"] == 1
    assert same["feature_distance"] == 0
    assert 20 < other["psnr_rgb"] < 32
    assert other["feature_distance"] > 0.01
    assert "infinite" in (tmp_path / "one" / "card.md").read_text()


def test_the_border_is_the_scales_and_stands_on_the_card(tmp_path: Path) -> None:
    reals, noisy = folder(tmp_path / "real", ["a.png"]), folder(tmp_path / "noisy", ["a.png"], noise=20)
    edges = np.array(Image.open(noisy / "a.png"))
    edges[:3], edges[-3:], edges[:, :3], edges[:, -3:] = 0, 0, 0, 0  # within a border of three
    Image.fromarray(edges).save(noisy / "a.png")
    cards = {border: ganwright.judge(noisy, reals, pairs=True, border=border, out=tmp_path) for border in (2, 3, 4)}
    assert cards[2]["psnr_y"] < cards[3]["psnr_y"] - 3
    assert cards[3]["psnr_y"] == pytest.approx(cards[4]["psnr_y"], abs=0.5)
    assert [card.protocol["border left out"][:8] for card in cards.values()] == ["2 pixels", "3 pixels", "4 pixels"]
    assert ganwright.judge(noisy, reals, pairs=True, out=tmp_path).protocol == cards[4].protocol


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pairs": True, "border": -1}, "--border takes 0 or more pixels, not -1"),
        ({"pairs": True, "border": 24}, "A picture of 48 by 48 is too small for a border of 24"),
        ({"border": 2}, "--border goes with --pairs"),
    ],
)
def test_a_border_that_cannot_be_is_refused(options: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    reals = folder(tmp_path / "real", ["a.png"])
    with pytest.raises(UserError, match=sentence):
        ganwright.judge(reals, reals, out=tmp_path, **options)


def test_pictures_of_different_sizes_are_refused(tmp_path: Path) -> None:
    small, large = folder(tmp_path / "a", ["a.png"], 40), folder(tmp_path / "b", ["a.png"], 48)
    with pytest.raises(UserError, match="The two pictures a have different sizes: 40x40x3 and 48x48x3"):
        ganwright.judge(small, large, pairs=True, out=tmp_path)


def test_tiles_are_adjacent_and_cropped() -> None:
    picture = np.arange(70 * 64 * 1).reshape(70, 64, 1) % 251
    parts = tiles(picture.astype(np.uint8))
    assert parts.shape == (4, 32, 32, 1)
    assert (parts[3] == picture[32:64, 32:64]).all()
    assert tiles(np.zeros((20, 64, 3), np.uint8)).shape == (1, 20, 64, 3)
