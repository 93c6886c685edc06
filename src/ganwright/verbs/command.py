"""The command line's options that only a recipe or a loader knows, and those from a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ganwright import assemble, sources
from ganwright.core import ranks
from ganwright.core.errors import UserError, nearest
from ganwright.core.shelf import names
from ganwright.options import Option
from ganwright.training import Hardware, Reporting
from ganwright.verbs import data as data_verb
from ganwright.verbs.train import train as run_training

HORIZONS = ("images", "epochs", "minutes")


def train(given: Mapping[str, Any], extra: list[str]) -> None:
    """`ganwright train`: what was given on the command line stands above what the config file says."""
    given = dict(given)
    settings = from_file(given.pop("config")) if "config" in given else {}
    if any(name in given for name in HORIZONS):
        settings = {name: value for name, value in settings.items() if name not in HORIZONS}
    settings |= {"data": str(given.pop("data"))} if "data" in given else {}
    settings |= given
    settings |= parsed(extra, _known(settings).values(), "train")
    try:
        run_training(**_grouped(settings))
    finally:
        ranks.stop()


def data(name: str | None, out: Path | None, extra: list[str]) -> None:
    """`ganwright data`."""
    if name is None:
        print(f"There are {', '.join(names('data'))}; or give the path of your own.")
        return
    options = parsed(extra, sources.loader_options(name).values(), f"data {name}")
    data_verb.show(name, out or Path(f"{Path(name).stem}-data.png"), **options)


def _known(settings: Mapping[str, Any]) -> dict[str, Option]:
    """The options of the recipe and of the loader that the settings name."""
    if settings.get("recipe") is None:  # the data will decide: whichever it is checks its own options
        families = [assemble.family(name) for name in ("dcgan", "curve")]
    else:
        families = [assemble.family(settings["recipe"], bool(settings.get("as_source")))]
    known = dict(sources.loader_options(settings.get("data") or families[0].data))
    for family in families:
        known |= family.options
    return known


def parsed(words: list[str], options: Iterable[Option], command: str) -> dict[str, Any]:
    """Words such as `--width 32 --as-shown` by the options that there are; a UserError names the nearest."""
    known = [option for option in options if option.on_command_line]
    parser = _Parser(
        prog=f"ganwright {command}", add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    for option in known:
        action: dict[str, Any] = {"action": argparse.BooleanOptionalAction} if option.is_switch else {}
        parser.add_argument(option.flag, dest=option.name, **action)
    found, left = parser.parse_known_args(words)
    if left:
        flags = [option.flag for option in known]
        raise UserError(f"ganwright {command} has no option {left[0]} here.{nearest(left[0].split('=')[0], flags)}")
    return vars(found)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog}: {message}.")


def from_file(path: Path) -> dict[str, Any]:
    """Options from a YAML mapping (names as on the command line), or from a run's recipe.json."""
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
    return _of_recipe(content) if "fingerprint" in str(content.get("data")) else _plain(content)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    settings = {str(name).replace("-", "_"): value for name, value in content.items()}
    if "from" in settings:
        settings["start_from"] = settings.pop("from")
    return settings


def _of_recipe(content: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe.json as the options that made it."""
    horizon = {name: value for name, value in content["horizon"]["asked"].items() if value is not None}
    names = ("recipe", "as_source", "seed", "start_from")
    return {
        **{name: content[name] for name in names},
        "data": content["data"]["source"],
        **horizon,
        **content["data"]["options"],
        **content["options"],
    }


def _grouped(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of reporting and hardware as the objects that hold them."""
    grouped = dict(settings)
    for name, kind in (("reporting", Reporting), ("hardware", Hardware)):
        mine = {field.name for field in fields(kind)} & grouped.keys()
        grouped[name] = kind(**{key: grouped.pop(key) for key in mine})
    return grouped
