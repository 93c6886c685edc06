"""From words to a recipe: finds the recipe function and the data, checks the options, and puts them together."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import TypeAdapter

from ganwright.config.options import Option, arguments, checked, options
from ganwright.core.data import Data
from ganwright.core.discovery import load_module
from ganwright.core.domain import Domain
from ganwright.core.draws import Draws, torch_seed
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.domains import KINDS


@dataclass(frozen=True)
class RecipeSpec:
    """A recipe function, the name that finds it again, and the data it takes unless told."""

    name: str
    function: RecipeFunction
    data: str
    on_gpu: Mapping[str, Any] = field(default_factory=dict)  # what its options are on a GPU unless told otherwise

    @property
    def options(self) -> dict[str, Option]:
        return options(self.function)

    @property
    def short_name(self) -> str:
        """For the name of a folder."""
        return Path(self.name).stem.strip("<>")

    @property
    def title(self) -> str:
        """The first sentence of the recipe's docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]

    @property
    def explanation(self) -> str:
        return inspect.getdoc(self.function) or ""


def find_recipe(recipe: str | RecipeFunction, as_source: bool = False) -> RecipeSpec:
    """The recipe called so, in our folder, in a file of the user's, or handed over from Python."""
    if callable(recipe):
        return RecipeSpec(_word(recipe), recipe, "digits")
    if recipe.endswith(".py"):
        path = Path(recipe).expanduser().absolute()
        name, module = str(path), _from_file(path)
    else:
        name, module = recipe.replace("_", "-"), load_module("recipes", recipe)
    function = getattr(module, "as_source" if as_source else "recipe", None)
    if function is None:
        what = "has no source program: leave --as-source out" if as_source else "has no `def recipe(data, *, ...)`"
        raise UserError(f"The recipe {recipe} {what}.")
    data = getattr(module, "SOURCE_DATA" if as_source else "DATA", "digits")
    return RecipeSpec(name, function, data, {} if as_source else getattr(module, "ON_GPU", {}))


def _from_file(path: Path) -> Any:
    """The module in a file of the user's, which may import what lies beside it."""
    if not path.is_file():
        raise UserError(f"There is no recipe file {path}.")
    spec = importlib.util.spec_from_file_location(f"recipe in {path}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their annotations up
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UserError(f"The recipe file {path} cannot be loaded: {type(error).__name__}: {error}.") from error
    return module


@dataclass(frozen=True)
class ResolvedRecipe:
    """What was asked for, checked and complete: enough to build the same recipe again."""

    spec: RecipeSpec
    as_source: bool
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self, data: Data) -> Recipe:
        """The recipe on this data; the networks' first weights are a function of the seed.

        Objects from Python are copied: what is trained, or tried, are never the user's own networks.
        """
        function = self.spec.function
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(torch_seed(self.seed, "weights"))
            return function(data, **arguments(self.spec.options, copy.deepcopy(dict(self.options)), function))


def resolve_recipe(
    recipe: str | RecipeFunction, as_source: bool, seed: int, given: Mapping[str, Any]
) -> ResolvedRecipe:
    """A request with every option checked; a UserError names the one that is wrong."""
    found = find_recipe(recipe, as_source)
    owner = f"The recipe {found.name}{' --as-source' if as_source else ''}"
    return ResolvedRecipe(found, as_source, seed, checked(found.options, given, owner))


def words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Option values as JSON can hold them; an object from Python is recorded by its kind."""
    return {name: _word(value) for name, value in values.items()}


def _word(value: Any) -> Any:
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_word(item) for item in value]
    return f"<{getattr(value, '__name__', None) or type(value).__name__}>"


def is_object_marker(word: Any) -> bool:
    """Whether a recorded word stands for an object from Python."""
    return isinstance(word, str) and word.startswith("<") and word.endswith(">")


def check_networks(recipe: Recipe) -> None:
    """Tries the networks on one sample, on the processor; a UserError when they don't fit the data or each other.

    Every stage is entered, so that whatever it lacks is missed now.
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


def fingerprint(data: Data) -> str:
    """A hash of a data set's shape and of 64 of its samples, and of its conditions, to notice that it changed."""
    digest = hashlib.sha256()
    for samples in (data.samples, *([] if data.conditions is None else [data.conditions])):
        digest.update(str((samples.shape, str(samples.dtype))).encode())
        for row in np.unique(np.linspace(0, len(samples) - 1, 64).astype(int)):
            digest.update(np.ascontiguousarray(samples[row]).tobytes())
    return digest.hexdigest()


def domain_to_dict(domain: Domain) -> dict[str, Any]:
    """A domain as JSON can hold it."""
    return {"kind": type(domain).__name__.lower(), **asdict(domain)}  # type: ignore[call-overload]


def domain_from_dict(words: Mapping[str, Any]) -> Domain:
    """The domain of those words; lists become tuples again, and columns what they were."""
    kind = KINDS[words["kind"]]
    return TypeAdapter(kind).validate_python({name: value for name, value in words.items() if name != "kind"})


def shape_only_data(name: str, domain: Domain, count: int, classes: tuple[str, ...], counts: Sequence[int]) -> Data:
    """A data set of so many samples that are not there, enough to build a trained recipe's networks."""
    labels = np.repeat(np.arange(len(counts)), counts) if classes else None
    return Data(name, domain, nothing(domain, count), labels, classes)


def with_conditions(data: Data, domain: Domain, paired: bool) -> Data:
    """The same with conditions that are not there either."""
    return replace(data, conditions=nothing(domain, len(data)), condition_domain=domain, paired=paired)


def nothing(domain: Domain, count: int) -> np.ndarray:
    """So many stored samples, all zeros, which take no memory."""
    one = domain.decode(torch.zeros(1, *domain.shape))
    return np.broadcast_to(np.zeros((), one.dtype), (count, *one.shape[1:]))
