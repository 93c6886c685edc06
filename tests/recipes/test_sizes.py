"""Pictures that are not square: every recipe makes them, or names the nearest size that it can make."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from ganwright.config.recipe import resolve_recipe
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.domains.images import Images
from ganwright.recipes._sizes import nearest_size


def data(height: int, width: int, kind: str = "classes") -> Data:
    samples = np.random.default_rng(0).integers(256, size=(24, height, width, 1), dtype=np.uint8)
    made = Data("wide", Images(height, width, 1), samples, np.arange(24) % 2, ("a", "b"))
    if kind == "classes":
        return made
    return replace(made, conditions=samples, condition_domain=made.domain, paired=kind == "pairs")


def built(recipe: str, source: Data, as_source: bool = False, **options: Any) -> Recipe:
    return resolve_recipe(recipe, as_source, 0, options).build(source)


RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "dcgan": ("classes", {"width": 4}),
    "r3gan": ("classes", {"width": 4}),
    "progan": ("classes", {}),
    "wgan-gp": ("classes", {"width": 4}),
    "vanilla": ("classes", {}),
    "cgan": ("classes", {"width": 4}),
    "lapgan": ("classes", {"width": 4, "hidden": 8}),
    "srgan": ("classes", {"width": 4, "scale": 2}),
    "dragan": ("classes", {"width": 4}),
    "pix2pix": ("pairs", {"width": 4}),
    "cyclegan": ("unpaired", {"width": 4}),
    "semi-supervised": ("classes", {"width": 4, "generator_width": 4, "labels": 8, "labelled_batch": 2, "batch": 4}),
}


@pytest.mark.parametrize("size", [(16, 48), (24, 18), (8, 24)])
@pytest.mark.parametrize("name", RECIPES)
def test_pictures_of_any_proportions_are_made(name: str, size: tuple[int, int]) -> None:
    kind, options = RECIPES[name]
    source = data(*size, kind)
    recipe = built(name, source, **options)
    draws = Draws(0, 0, 0, 2, "sheet", torch.device("cpu"), torch.float32)
    condition = recipe.condition.with_data(source) if recipe.condition.needs_data else recipe.condition
    drawn = condition.draw(draws.at("condition"))
    fakes = recipe.game.sample(draws, drawn)
    assert fakes.shape == (2, 1, *size)
    assert recipe.game.score(fakes, drawn).shape[0] == 2


@pytest.mark.parametrize(
    ("name", "size", "options", "nearest"),
    [
        ("dcgan", (21, 30), {"as_source": True}, "--size 20x32"),
        ("srgan", (21, 30), {"scale": 4}, "--size 20x32"),
        ("progan", (5, 30), {}, "--size 8x30"),
        ("lapgan", (5, 30), {}, "--size 7x30"),
        ("vanilla", (21, 30), {"as_source": True}, "--size 28x28 --grey"),
    ],
)
def test_a_recipe_that_cannot_names_the_nearest_size(
    name: str, size: tuple[int, int], options: dict[str, Any], nearest: str
) -> None:
    with pytest.raises(UserError, match=nearest):
        built(name, data(*size), **options)


@pytest.mark.parametrize(("name", "size", "options"), [("lapgan", (7, 30), {}), ("srgan", (20, 32), {"scale": 4})])
def test_samples_have_the_nearest_size(name: str, size: tuple[int, int], options: dict[str, Any]) -> None:
    recipe = built(name, data(*size), **options, width=4)
    assert recipe.sample(Draws(0, 0, 0, 2)).shape == (2, 1, *size)


@pytest.mark.parametrize(
    ("sides", "multiple", "least", "size"),
    [((64, 85), 4, 1, "64x84"), ((3, 5), 4, 1, "4x4"), ((6, 100), 1, 8, "8x100"), ((6, 6), 4, 10, "12x12")],
)
def test_the_nearest_size(sides: tuple[int, int], multiple: int, least: int, size: str) -> None:
    assert nearest_size(*sides, multiple, least) == f"--size {size}"
