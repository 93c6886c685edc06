"""The command line's options that only a recipe or a loader knows, and those from a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import torch
import yaml
from rich.console import Console

from ganwright.commands import data as data_verb
from ganwright.commands import judge as judge_verb
from ganwright.commands import sample as sample_verb
from ganwright.commands.plan import plan as make_plan
from ganwright.commands.sweep import sweep as run_sweep
from ganwright.commands.train import train as run_training
from ganwright.config import data_source
from ganwright.config.options import Option, unknown
from ganwright.config.recipe import find_recipe
from ganwright.core import process, ranks
from ganwright.core.discovery import names
from ganwright.core.errors import UserError
from ganwright.judging.card import EXPLAINED

HORIZONS = {"examples", "epochs", "minutes"}


def train(recipe: str | None, given: Mapping[str, Any], extra: list[str]) -> None:
    """`ganwright train`."""
    settings = asked(recipe, given, extra)
    if settings.keys() & {"seeds", "sweep", "judge_samples"}:
        return sweep(settings)
    try:
        run_training(**settings, began=process.STARTED)
    finally:
        ranks.stop()


def plan(recipe: str | None, given: Mapping[str, Any], extra: list[str]) -> None:
    """`ganwright plan`: prints what `ganwright train` with the same options would be."""
    as_json = given["json"]
    options = asked(recipe, {name: value for name, value in given.items() if name != "json"}, extra, "plan")
    found = make_plan(**options, began=process.STARTED)
    print(json.dumps(found.words, indent=2) if as_json else found)


def asked(recipe: str | None, given: Mapping[str, Any], extra: list[str], verb: str = "train") -> dict[str, Any]:
    """What was given on the command line, which stands above what the config file says."""
    recipe, extra = named(recipe, extra)
    if recipe in names("data") and recipe not in names("recipes"):
        raise UserError(f"{recipe} is a data set and no recipe: ganwright {verb} --data {recipe}.")
    given = {name: value for name, value in given.items() if value not in (None, [], ())}
    settings = from_file(given.pop("config")) if "config" in given else {}
    if given.keys() & HORIZONS:
        settings = {name: value for name, value in settings.items() if name not in HORIZONS}
    settings |= given | ({} if recipe is None else {"recipe": recipe})
    return settings | parsed(extra, _known(settings), f"The recipe {settings.get('recipe', 'that the data choose')}")


def sweep(settings: dict[str, Any]) -> None:
    """`ganwright train --seeds` or `--sweep`: prints the table that it leaves."""
    n = settings.pop("judge_samples", None)
    if not settings.keys() & {"seeds", "sweep"}:
        raise UserError("--judge-samples goes with --seeds or --sweep.")
    comparison = run_sweep(**settings, judge={"n": n})
    console = Console()
    console.print(comparison.table)
    for sentence in (comparison.explained, *comparison.problems):
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)


def judge(subject: str, given: dict[str, Any], extra: list[str]) -> None:
    """`ganwright judge`: prints the card that it leaves."""
    given = {name: value for name, value in given.items() if name != "subject"}
    run = Path(subject) / "recipe.json"
    asked = given["data"] or (from_file(run).get("data") if run.exists() else None)
    known = data_source.loader_options(asked) if asked and not given["pairs"] else {}
    given |= parsed(extra, known, f"The data {asked or 'of --data'}") | {"metric": given["metric"] or ()}
    with ranks.joined(torch.device("cpu")):
        card = judge_verb.judge(subject, **given)
        if ranks.rank() > 0:
            return
    console = Console()
    console.print(card.table)
    console.print(EXPLAINED, soft_wrap=True, highlight=False)


def sample(given: dict[str, Any]) -> None:
    """`ganwright sample`: says what was written."""
    with ranks.joined(torch.device("cpu")):
        said = sample_verb.sample(**given)
        if ranks.rank() == 0:
            print(said)


def data(name: str | None, out: Path | None, extra: list[str]) -> None:
    """`ganwright data`."""
    name, extra = named(name, extra)
    if extra and name is None:
        raise UserError(f"The name or path of the data comes first, then {extra[0]}.")
    if name is None:
        print(f"There are {', '.join(names('data'))}; or give the path of your own.")
        return
    options = parsed(extra, data_source.loader_options(name), f"The data {name}")
    data_verb.show(data_source.find(name, options).data, out or Path(f"{Path(name).stem}-data.png"))


def named(first: str | None, extra: list[str]) -> tuple[str | None, list[str]]:
    """The name that the command line begins with; what looks like an option is none."""
    if first is None or not first.startswith("-"):
        return first, extra
    return None, [first, *extra]


def _known(settings: Mapping[str, Any]) -> dict[str, Option]:
    """The options of the recipe and of the loader that the settings name."""
    if settings.get("recipe") is None:  # the data will decide: whichever it is checks its own options
        families = [find_recipe(name) for name in ("dcgan", "curve")]
    else:
        families = [find_recipe(settings["recipe"], bool(settings.get("as_source")))]
    known = dict(data_source.loader_options(settings.get("data") or families[0].data))
    for spec in families:
        known |= spec.options
    return known


def parsed(words: list[str], options: Mapping[str, Option], owner: str) -> dict[str, Any]:
    """Words such as `--width 32 --grey` by the options that there are; a UserError names the nearest."""
    known = {name: option for name, option in options.items() if option.on_command_line}
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for option in known.values():
        action: dict[str, Any] = {"action": argparse.BooleanOptionalAction} if option.is_switch else {}
        parser.add_argument(option.flag, dest=option.name, **action)
    found, left = parser.parse_known_args(words)
    odd = [word for word in left if word.startswith("--")]
    if odd:
        raise unknown(odd[0].removeprefix("--").split("=")[0], known, owner)
    if left:
        raise UserError(f"{left[0]!r} stands where an option should: a name comes first, then its options.")
    return vars(found)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}.")


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
    words = {name: str(settings[name]) for name in ("recipe", "data", "out", "start_from") if name in settings}
    return settings | words


def _of_recipe(content: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe.json as the options that made it."""
    horizon = {name: value for name, value in content["horizon"]["requested"].items() if value is not None}
    names = ("recipe", "as_source", "seed", "start_from")
    return {
        **{name: content[name] for name in names},
        "data": content["data"]["source"],
        **horizon,
        **content["data"]["options"],
        **content["options"],
    }
