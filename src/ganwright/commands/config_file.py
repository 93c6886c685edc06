"""Reads options for --config: from a YAML file, or from the recipe.json of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ganwright.config.options import option_name
from ganwright.core.errors import UserError


def read(path: Path) -> dict[str, Any]:
    """The options in a YAML mapping, with names as on the command line, or those that a recipe.json records."""
    try:
        text = path.read_text()
        content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise UserError(f"--config {path} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except (ValueError, yaml.YAMLError) as error:
        first = str(error).split("\n")[0]
        raise UserError(f"--config {path} is neither YAML nor a recipe.json: {first}.") from None
    if not isinstance(content, dict):
        raise UserError(f"--config {path} must hold names and values, such as `batch: 64`.")
    return _of_recipe_json(content) if "fingerprint" in str(content.get("data")) else _of_yaml(content)


def _of_yaml(content: Mapping[str, Any]) -> dict[str, Any]:
    options = {option_name(str(name)): value for name, value in content.items()}
    places = {name: str(options[name]) for name in ("recipe", "data", "out", "start_from") if name in options}
    return options | places


def _of_recipe_json(content: Mapping[str, Any]) -> dict[str, Any]:
    horizon = {name: value for name, value in content["horizon"]["requested"].items() if value is not None}
    return {
        **{name: content[name] for name in ("recipe", "as_source", "seed", "start_from")},
        "data": content["data"]["source"],
        **horizon,
        **content["data"]["options"],
        **content["options"],
    }
