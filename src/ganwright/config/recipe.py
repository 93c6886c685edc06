"""Finds a recipe by its name, file or function, checks its options, and builds it on a data set."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import Parameter
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from ganwright.config import recipe_folder
from ganwright.config.options import Option, arguments, checked, options_of
from ganwright.config.serialization import object_marker, to_json
from ganwright.core import user_code
from ganwright.core.data import Data
from ganwright.core.discovery import load_module, names
from ganwright.core.draws import Draws, torch_seed
from ganwright.core.errors import UserError, nearest
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.core.system import expanded
from ganwright.execution import compiler_free

CHECKED = 2  # samples that the networks are tried on


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
        return RecipeSpec(object_marker(recipe), _checked(recipe, object_marker(recipe)), "digits")
    recipe = str(recipe)
    if recipe.endswith(".py"):
        path = expanded(recipe).absolute()
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
    if not isinstance(data, str):
        raise UserError(f"DATA of the recipe {name} should be the name or path of data, not {data!r}.")
    return RecipeSpec(name, _checked(function, name), data, as_source, {} if as_source else _presets(module, name))


def _checked(function: Any, name: str) -> RecipeFunction:
    """The recipe function; a UserError if it cannot be called with data and options."""
    if problem := _problem(function):
        raise UserError(f"The recipe {name} should be a function `recipe(data, *, option=value, ...)`: {problem}.")
    with user_code.running(f"The recipe {name}: reading its options"):
        options_of(function)
    return cast(RecipeFunction, function)


def _problem(function: Any) -> str:
    """What keeps a recipe function from being called; "" if nothing does."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return f"it is {function!r}"
    if not parameters or parameters[0].kind not in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
        return "it takes no data"
    if parameters[0].default is not Parameter.empty:
        return f"its first parameter, {parameters[0].name}, gets the data, and has no default"
    variable = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    without = [one.name for one in parameters[1:] if one.default is Parameter.empty and one.kind not in variable]
    return f"its parameter {without[0]} needs a default" if without else ""


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
    module = recipe_folder.prepared_module(path)
    with user_code.running(f"Loading the recipe file {path}"):
        recipe_folder.run(module)
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
            with user_code.running(f"The {self.spec}"):
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
    """Runs the networks on two samples, on the CPU; a UserError when they don't fit the data or each other.

    Every stage is entered, so that missing files are reported now.
    """
    for stage in recipe.stages:
        stage.enter()
    draws = Draws(0, 0, 0, CHECKED)
    condition = recipe.condition.draw(draws.at("condition"))
    with user_code.running("The generator"):
        sample = recipe.game.sample(draws, condition)
    _check_samples(sample, recipe.data)
    with user_code.running(f"The discriminator of samples of the shape {list(sample.shape[1:])}"):
        score = recipe.game.score(sample, condition)
    if not score.isfinite().all():
        raise UserError("The discriminator's scores are not finite (NaN or infinity) before any training.")


def _check_samples(sample: Any, data: Data) -> None:
    """A UserError unless these are CHECKED encoded samples of the data's domain."""
    shape = list(data.domain.shape)
    if not isinstance(sample, Tensor):
        raise UserError(f"The generator returned a {type(sample).__name__}: return a tensor of samples [n, ...].")
    if list(sample.shape[1:]) != shape:
        what = f"{data.name} has {data.domain.describe()}"
        raise UserError(f"The generator's samples have the shape {list(sample.shape[1:])}, not {shape}: {what}.")
    if len(sample) != CHECKED:
        raise UserError(f"The generator made {len(sample)} samples of {CHECKED} latents: it should make one of each.")
    if not sample.is_floating_point() or not sample.isfinite().all():
        what = "not finite (NaN or infinity)" if sample.is_floating_point() else str(sample.dtype)
        raise UserError(f"The generator's samples are {what} before any training.")
