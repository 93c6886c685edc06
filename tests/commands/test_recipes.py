"""The recipes as they are listed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

import ganwright
from ganwright.commands.recipes import GROUPS, grouped, half_blocks, list_all, listing, shows_colours, thumbnail
from ganwright.config.recipe import find_recipe
from ganwright.core.discovery import names

THUMBNAILS = Path(ganwright.__file__).parent / "recipes/thumbnails"


def test_every_recipe_stands_in_one_group() -> None:
    groups = grouped()
    assert sorted(name for members in groups.values() for name in members) == names("recipes")
    assert [heading for heading in groups if heading in GROUPS] == [one for one in GROUPS if one in groups]


def test_piped_there_is_a_line_for_each_and_no_colour(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    list_all()
    lines = capsys.readouterr().out.splitlines()
    for name in names("recipes"):
        (line,) = [line for line in lines if line.split()[:1] == [name]]
        assert find_recipe(name).title in line
    assert not any("\x1b" in line or "▀" in line for line in lines)


@pytest.mark.parametrize(("given", "shown"), [({}, True), ({"no_color": True}, False), ({"color_system": None}, False)])
def test_a_terminal_with_colours_shows_thumbnails(given: dict[str, object], shown: bool) -> None:
    usual: dict[str, object] = {"force_terminal": True, "color_system": "truecolor", "width": 120}
    console = Console(**(usual | given))  # type: ignore[arg-type]
    assert shows_colours(console) == shown
    with console.capture() as capture:
        console.print(listing(["ring", "vanilla"], shows_colours(console)))
    assert ("▀" in capture.get()) == shown


def test_half_blocks_hold_two_pixels_each() -> None:
    pixels = np.arange(4 * 3 * 3, dtype=np.uint8).reshape(4, 3, 3)
    lines = half_blocks(pixels).split("\n")
    assert [line.plain for line in lines] == ["▀▀▀", "▀▀▀"]
    style = lines[1].spans[2].style
    assert style.color.triplet == tuple(pixels[2, 2])  # type: ignore[union-attr]
    assert style.bgcolor.triplet == tuple(pixels[3, 2])  # type: ignore[union-attr]


def test_thumbnails_are_small_and_belong_to_recipes() -> None:
    packaged = list(THUMBNAILS.iterdir())
    assert {path.stem for path in packaged} <= set(names("recipes"))
    for path in packaged:
        with Image.open(path) as picture:
            assert picture.size == (24, 12)
        assert path.stat().st_size < 2000
        assert thumbnail(path.stem).plain.count("▀") == 24 * 6


def test_a_recipe_without_a_thumbnail_is_listed_all_the_same() -> None:
    assert thumbnail("none-yet").plain == ""
