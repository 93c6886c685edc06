"""Recipes are found by name or file, and built."""

from pathlib import Path

import pytest

from conftest import pictures, points
from ganwright.config.recipe import find_recipe, resolve_recipe
from ganwright.core.data import Data
from ganwright.core.discovery import names
from ganwright.core.errors import UserError

MINE = '''
"""A recipe of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from ganwright.recipes import vanilla
from neighbour import SIZE

DATA = "digits"


@dataclass(frozen=True)
class Shape:
    size: int = SIZE


def recipe(data, *, shape: Shape = Shape()):
    """Mine."""
    return vanilla.recipe(data, generator_sizes=(shape.size,))
'''


def test_every_recipe_says_what_it_is() -> None:
    for name in names("recipes"):
        spec = find_recipe(name)
        assert spec.title
        assert spec.explanation.startswith(spec.title)
        assert spec.data in names("data")


def test_a_file_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "neighbour.py").write_text("SIZE = 5\n")
    monkeypatch.chdir(tmp_path)
    spec = find_recipe("./mine.py")
    assert spec.name == str(tmp_path / "mine.py")
    assert spec.short_name == "mine"
    recipe = resolve_recipe("./mine.py", False, 0, {"size": "3"}).build(pictures())
    assert recipe.game.players["generator"].parameters[0].shape == (3, 64)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("def recipe(:", r"Loading the recipe file .*odd\.py failed: SyntaxError: .*line 1\)\."),
        ("x = 1", "has no `def recipe"),
        (None, "There is no recipe file"),
    ],
)
def test_a_file_that_is_no_recipe(content: str | None, sentence: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "odd.py").write_text(content)
    with pytest.raises(UserError, match=sentence):
        find_recipe(str(tmp_path / "odd.py"))


def test_a_recipe_without_a_source_program() -> None:
    with pytest.raises(UserError, match=r"The recipe ring has no source program: leave --as-source out\."):
        find_recipe("ring", as_source=True)


def test_the_seed_alone_makes_the_first_weights() -> None:
    def weights(seed: int) -> list[float]:
        recipe = resolve_recipe("vanilla", False, seed, {}).build(pictures())
        return recipe.game.players["generator"].parameters[0].flatten().tolist()

    assert weights(3) == weights(3) != weights(4)


def test_a_recipe_that_returns_something_else_is_one_sentence() -> None:
    def recipe(data: Data) -> None: ...

    with pytest.raises(UserError, match="The recipe <recipe> returned a NoneType: return a Recipe"):
        find_recipe(recipe).resolve(0, {}).build(points())  # type: ignore[arg-type]
