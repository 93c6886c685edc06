"""Finds a recipe by its name, file or function, checks its options, and builds it on a data set."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ganwright.config.options import Option, arguments, checked, options_of
from ganwright.config.serialization import object_marker, to_json
from ganwright.core.data import Data
from ganwright.core.discovery import load_module, names
from ganwright.core.draws import Draws, torch_seed
from ganwright.core.errors import UserError, nearest
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.execution import compiler_free


@dataclass(frozen=True)
class RecipeSpec:
    """A recipe function, its name or path, and its default data set."""

    name: str
    function: RecipeFunction
    data: str
    as_source: bool = False  # the classic published program
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # values by option, by name

    def __str__(self) -> str:
        return f"recipe {self.name}{' --as-source' if self.as_source else ''}"

    @property
    def options(self) -> dict[str, Option]:
        return options_of(self.function)

    @property
    def short_name(self) -> str:
        """The name as part of a folder's name."""
        return Path(self.name).stem.strip("<>")

    @property
    def title(self) -> str:
        """The first sentence of the recipe's docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]

    @property
    def explanation(self) -> str:
        """The recipe's docstring; each paragraph is one line, which the terminal wraps."""
        paragraphs = re.split(r"\n{2,}", inspect.getdoc(self.function) or "")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    def preset(self, name: str | None) -> Mapping[str, Any]:
        """The values of the preset of that name, none without a name; a UserError if the recipe does not have it."""
        if name is None:
            return {}
        if name not in self.presets:
            known = ", ".join(self.presets) or "it has none"
            raise UserError(f"The {self} has no preset {name!r} ({known}).{nearest(name, self.presets)}")
        return self.presets[name]

    def resolve(self, seed: int, options: Mapping[str, Any]) -> ResolvedRecipe:
        """The recipe with its options checked; a UserError names the first wrong one."""
        return ResolvedRecipe(self, seed, checked(self.options, options, f"The {self}"))


def find_recipe(recipe: str | Path | RecipeFunction, as_source: bool = False) -> RecipeSpec:
    """The recipe of that name in the package, in a file of the user's (`./mine.py`), or a Python function."""
    if callable(recipe):
        return RecipeSpec(object_marker(recipe), recipe, "digits")
    recipe = str(recipe)
    if recipe.endswith(".py"):
        path = Path(recipe).expanduser().absolute()
        name, module = str(path), _from_file(path)
    elif recipe in names("data") and recipe not in names("recipes"):
        raise UserError(f"{recipe} is a data set, not a recipe: use --data {recipe}.")
    else:
        name, module = recipe.replace("_", "-"), load_module("recipes", recipe)
    function = getattr(module, "as_source" if as_source else "recipe", None)
    if function is None:
        what = "has no source program: leave --as-source out" if as_source else "has no `def recipe(data, *, ...)`"
        raise UserError(f"The recipe {recipe} {what}.")
    data = getattr(module, "SOURCE_DATA" if as_source else "DATA", "digits")
    return RecipeSpec(name, function, data, as_source, {} if as_source else _presets(module, name))


def _presets(module: Any, recipe: str) -> Mapping[str, Mapping[str, Any]]:
    """The presets that a recipe's module defines; a UserError if they are no mappings."""
    presets = getattr(module, "PRESETS", {})
    if not isinstance(presets, Mapping) or not all(isinstance(values, Mapping) for values in presets.values()):
        raise UserError(f"PRESETS of the recipe {recipe} should be {{name: {{option: value}}}}.")
    return presets


def _from_file(path: Path) -> Any:
    """The module in a file of the user's, which may import modules beside it."""
    if not path.is_file():
        raise UserError(f"There is no recipe file {path}.")
    spec = importlib.util.spec_from_file_location(f"recipe in {path}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look up their annotations there
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UserError(f"The recipe file {path} cannot be loaded: {type(error).__name__}: {error}.") from error
    return module


@dataclass(frozen=True)
class ResolvedRecipe:
    """A recipe with the checked values of all its options; `build` gives the same recipe each time."""

    spec: RecipeSpec
    seed: int
    options: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """As recipe.json stores it."""
        return {
            "recipe": self.spec.name,
            "as_source": self.spec.as_source,
            "seed": self.seed,
            "options": to_json(self.options),
        }

    def build(self, data: Data) -> Recipe:
        """The recipe on this data; the networks' initial weights are a function of the seed.

        Option values that are Python objects are deep-copied: the user's own networks are never trained.
        """
        function = self.spec.function
        compiler_free.avoid_import()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(torch_seed(self.seed, "weights"))
            recipe = function(data, **arguments(self.spec.options, copy.deepcopy(dict(self.options)), function))
        if not isinstance(recipe, Recipe):
            raise UserError(f"The {self.spec} returned a {type(recipe).__name__}: return a Recipe.")
        return recipe


def resolve_recipe(
    recipe: str | RecipeFunction, as_source: bool, seed: int, options: Mapping[str, Any]
) -> ResolvedRecipe:
    """`find_recipe` and `RecipeSpec.resolve` in one."""
    return find_recipe(recipe, as_source).resolve(seed, options)


def check_networks(recipe: Recipe) -> None:
    """Runs the networks on one sample, on the CPU; a UserError when they don't fit the data or each other.

    Every stage is entered, so that missing files are reported now.
    """
    for stage in recipe.stages:
        stage.enter()
    shape, data = recipe.data.domain.shape, f"{recipe.data.name} has {recipe.data.domain.describe()}"
    try:
        draws = Draws(0, 0, 0, 1)
        condition = recipe.condition.draw(draws.at("condition"))
        sample = recipe.game.sample(draws, condition)
    except RuntimeError as error:
        raise UserError(f"The generator cannot make a sample: {error}.") from error
    if sample.shape[1:] != shape:
        raise UserError(f"The generator's samples have the shape {list(sample.shape[1:])}, not {list(shape)}: {data}.")
    try:
        recipe.game.score(sample, condition)
    except RuntimeError as error:
        raise UserError(f"The discriminator cannot take a sample of the shape {list(shape)}: {error}.") from error
