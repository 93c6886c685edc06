"""Reads options for --config: from a YAML file, or from the recipe.json of a run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import option_name, options_of
from ganwright.config.training_config import CallbackOptions, Hardware, RunOptions
from ganwright.core.errors import DamagedError, UserError
from ganwright.core.schema import check
from ganwright.core.system import expanded
from ganwright.runs import foreign_files, trust
from ganwright.runs.schemas import Settings

INTERNAL = {"started", "judge", "config", "trust"}  # no options of a training
PLACES = {"recipe", "data", "out", "seeds", "sweep", "judge_samples", "hardware", "callback_options"}
GENERAL = {
    name for group in (RunOptions(), RequestedHorizon(), Hardware(), CallbackOptions()) for name in options_of(group)
}
MAX_YAML = 2**20  # bytes
MAX_NODES = 10_000  # of a YAML file, once for each alias


class Words(yaml.SafeLoader):
    """Numbers and dates stay words, as on the command line: YAML 1.1 reads 010 as 8, and 1:30 as 90."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as in the base class
        first: [(tag, pattern) for tag, pattern in known if tag.rpartition(":")[2] in ("null", "bool", "merge")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(path: Path, trusted: bool = False) -> dict[str, Any]:
    """The options in a YAML mapping, with names as on the command line, or those that a recipe.json records.

    A recipe file that it names must be one that this user trained with, unless `trusted`.
    """
    try:
        content = (foreign_files.read_json if path.suffix == ".json" else _yaml)(path.resolve())
    except DamagedError as error:
        raise UserError(f"--config {path} {error.reason.removeprefix('it ')}.") from None
    if not isinstance(content, dict):
        raise UserError(f"--config {path} must hold names and values, such as `batch: 64`.")
    data = content.get("data")
    options = (
        _of_recipe_json(content, path) if isinstance(data, dict) and "fingerprint" in data else _of_yaml(content, path)
    )
    if "recipe" in options:
        options["recipe"] = _recipe(options["recipe"], path, trusted)
    return options


def _recipe(recipe: str, path: Path, trusted: bool) -> str:
    if not recipe.endswith(".py"):
        return recipe
    file = str(expanded(recipe).absolute())
    trust.require(file, path, trusted)
    return file


def _yaml(path: Path) -> Any:
    try:
        text = foreign_files.read(path, MAX_YAML).decode("utf-8-sig")
        if _nodes(yaml.compose(text, Words)) > MAX_NODES:
            raise DamagedError(path, f"has more than {MAX_NODES:,} values, counting those that aliases repeat")
        return yaml.load(text, Words)
    except RecursionError:
        raise DamagedError(path, "is nested too deeply") from None
    except (ValueError, TypeError, IndexError, yaml.YAMLError) as error:  # PyYAML's scanner has errors of its own
        raise DamagedError(path, f"is no YAML: {_first_line(error)}") from None


def _nodes(node: yaml.Node | None, left: int = MAX_NODES) -> int:
    """The number of nodes of a document, where each alias counts as what it stands for; stops above `left`."""
    count = 1
    children = node.value if isinstance(node, (yaml.SequenceNode, yaml.MappingNode)) else ()
    for child in children:
        for one in child if isinstance(child, tuple) else (child,):
            if count > left:
                return count
            count += _nodes(one, left - count)
    return count


def _first_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f" in line {mark.line + 1}"
    return str(getattr(error, "problem", None) or error).split("\n")[0] + where


def _of_yaml(content: Mapping[Hashable, Any], path: Path) -> dict[str, Any]:
    options = {option_name(str(name)): value for name, value in content.items()}
    places = {name: str(options[name]) for name in ("recipe", "data", "out", "start_from") if name in options}
    for name in options.keys() & INTERNAL:
        raise UserError(f"--config {path} has the option {name}, which cannot be set there.")
    return options | places


def _of_recipe_json(content: dict[str, Any], path: Path) -> dict[str, Any]:
    check(Settings, content, path)
    for name in (content["options"] | content["data"]["options"]).keys() & (INTERNAL | PLACES | GENERAL):
        raise DamagedError(path, f"{name} is no option of a recipe or of data")
    horizon = {name: value for name, value in content["horizon"]["requested"].items() if value is not None}
    return {
        **{name: content[name] for name in ("recipe", "as_source", "seed", "start_from")},
        "data": content["data"]["source"],
        **horizon,
        **content["data"]["options"],
        **content["options"],
    }
