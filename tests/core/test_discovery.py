"""Modules are found by their names on the command line."""

import inspect
from pathlib import Path

import pytest

import ganwright
from ganwright.core import discovery
from ganwright.core.errors import UserError
from ganwright.losses.non_saturating import NonSaturating

SHELVES = ("augmentations", "data", "features", "losses", "metrics", "penalties", "recipes")


@pytest.mark.parametrize("package", SHELVES)
def test_names_are_those_of_the_public_files(package: str) -> None:
    files = (Path(ganwright.__file__).parent / package).glob("*.py")
    assert discovery.names(package) == sorted(file.stem.replace("_", "-") for file in files if file.stem[0] != "_")


def test_hyphens_and_underscores_name_the_same_module() -> None:
    module = discovery.load_module("losses", "non-saturating")
    assert module is discovery.load_module("losses", "non_saturating")
    assert module.__name__ == "ganwright.losses.non_saturating"


def test_a_module_holds_a_component_of_its_own_name() -> None:
    assert discovery.load_component("losses", "non-saturating") is NonSaturating
    assert inspect.isfunction(discovery.load_component("metrics", "memorisation"))


def test_an_unknown_name_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UserError, match=r"There is no 'hing' among losses \(.*hinge.*\)\. Did you mean hinge\?"):
        discovery.load_module("losses", "hing")


@pytest.mark.parametrize("name", ["_find", "__init__", "", "../core"])
def test_private_modules_and_paths_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="There is no"):
        discovery.load_module("data", name)
