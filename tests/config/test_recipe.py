"""Recipes and data are found, recorded as JSON, and found again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import pictures, points
from ganwright.config import data_source
from ganwright.config.recipe import find_recipe, resolve_recipe
from ganwright.config.serialization import domain_from_dict, domain_to_dict, fingerprint, is_object_marker, to_json
from ganwright.core.discovery import names
from ganwright.core.errors import UserError
from ganwright.domains.points import Points

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
        ("def recipe(:", "cannot be loaded: SyntaxError"),
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


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0.1, 9)), min_size=1, max_size=4))
def test_a_domain_written_down_is_the_same_domain(axes: list[tuple[float, float]]) -> None:
    domain = Points(*map(tuple, zip(*axes, strict=True)))
    assert domain_from_dict(domain_to_dict(domain)) == domain
    assert domain_from_dict(domain_to_dict(pictures().domain)) == pictures().domain


def test_a_fingerprint_notices_a_change() -> None:
    data = points()
    before = fingerprint(data)
    assert before == fingerprint(points())
    data.samples[0] += 1
    assert before != fingerprint(data)


def test_paths_are_recorded_so_that_they_are_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "mine.npy", points().samples)
    monkeypatch.chdir(tmp_path)
    source = data_source.find("mine.npy", {})
    assert source.to_dict()["source"] == str(tmp_path / "mine.npy")
    assert source.default_recipe == "curve"
    assert data_source.find("ring", {"count": 9}).to_dict()["source"] == "ring"


def test_objects_are_recorded_as_such() -> None:
    recorded = to_json({"loss": pictures(), "function": points, "sizes": (1, 2), "none": None})
    assert recorded == {"loss": "<Data>", "function": "<points>", "sizes": [1, 2], "none": None}
    assert [name for name, word in recorded.items() if is_object_marker(word)] == ["loss", "function"]
