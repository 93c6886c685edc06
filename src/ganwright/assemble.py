"""From words to a recipe: finds the recipe function and the data, checks the options, and puts them together."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganwright.core.data import Data
from ganwright.core.domain import Domain
from ganwright.core.draws import torch_seed
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.core.shelf import names, part, take
from ganwright.options import Option, arguments, checked, options


@dataclass(frozen=True)
class Family:
    """A recipe file: its function, the source program's where it has one, and the data each takes unless told."""

    name: str
    function: RecipeFunction
    data: str

    @property
    def options(self) -> dict[str, Option]:
        return options(self.function)

    @property
    def title(self) -> str:
        """The first sentence of the recipe's docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]

    @property
    def explanation(self) -> str:
        return inspect.getdoc(self.function) or ""


def family(recipe: str | RecipeFunction, as_source: bool = False) -> Family:
    """The recipe called so, in our folder, in a file of the user's, or handed over from Python."""
    if not isinstance(recipe, str):
        return Family(recipe.__name__, recipe, "digits")
    if recipe.endswith(".py"):
        module = _from_file(Path(recipe))
    elif recipe.replace("_", "-") in names("recipes"):
        module = take("recipes", recipe)
    else:
        take("recipes", recipe)  # says which names there are
        raise AssertionError
    function = getattr(module, "as_source" if as_source else "recipe", None)
    if function is None:
        what = "as_source, so leave --as-source out" if as_source else "recipe: def recipe(data, *, ...) -> Recipe"
        raise UserError(f"{recipe} has no function called {what}.")
    return Family(recipe, function, getattr(module, "SOURCE_DATA" if as_source else "DATA", "digits"))


def _from_file(path: Path) -> Any:
    if not path.is_file():
        raise UserError(f"There is no recipe file {path}.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UserError(f"The recipe file {path} cannot be loaded: {type(error).__name__}: {error}.") from error
    return module


@dataclass(frozen=True)
class Request:
    """What was asked for, checked and complete: enough to build the same recipe again."""

    family: Family
    as_source: bool
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self, data: Data) -> Recipe:
        """The recipe on this data; the networks' first weights are a function of the seed."""
        function = self.family.function
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(torch_seed(self.seed, "weights"))
            return function(data, **arguments(self.family.options, self.options, function))


def request(recipe: str | RecipeFunction, as_source: bool, seed: int, given: Mapping[str, Any]) -> Request:
    """A request with every option checked; a UserError names the one that is wrong."""
    found = family(recipe, as_source)
    owner = f"{found.name} --as-source" if as_source else f"The recipe {found.name}"
    return Request(found, as_source, seed, checked(found.options, given, owner))


def words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Option values as JSON can hold them; an object from Python is recorded by its kind."""
    return {name: _word(value) for name, value in values.items()}


def _word(value: Any) -> Any:
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_word(item) for item in value]
    return f"<{getattr(value, '__name__', None) or type(value).__name__}>"


def fingerprint(data: Data) -> str:
    """A hash of a data set's shape and of 64 of its samples, to notice that it changed."""
    digest = hashlib.sha256(str((data.samples.shape, str(data.samples.dtype))).encode())
    for row in np.unique(np.linspace(0, len(data) - 1, 64).astype(int)):
        digest.update(np.ascontiguousarray(data.samples[row]).tobytes())
    return digest.hexdigest()


def domain_words(domain: Domain) -> dict[str, Any]:
    """A domain as JSON can hold it."""
    return {"kind": type(domain).__name__.lower(), **asdict(domain)}  # type: ignore[call-overload]


def domain_from(words: Mapping[str, Any]) -> Domain:
    make: Callable[..., Domain] = part("core", words["kind"])
    return make(**{name: tuple(v) if isinstance(v, list) else v for name, v in words.items() if name != "kind"})


def empty(name: str, domain: Domain, classes: tuple[str, ...]) -> Data:
    """A data set with nothing in it, enough to build a trained recipe's networks."""
    return Data(name, domain, np.empty((0, *domain.shape), dtype=np.uint8), np.empty(0, dtype=np.int64), classes)
