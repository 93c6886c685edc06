"""Turns the words of the command line into option names and values, calls a command, and prints its result."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from ganwright.commands import config_file
from ganwright.commands import data as data_command
from ganwright.commands import human_eval as human_eval_command
from ganwright.commands import judge as judge_command
from ganwright.commands import sample as sample_command
from ganwright.commands.option_table import option_table
from ganwright.commands.plan import plan as make_plan
from ganwright.commands.sweep import sweep as run_sweep
from ganwright.commands.train import train as run_training
from ganwright.config import data_source
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import flag, option_name, options_of
from ganwright.core import process, ranks
from ganwright.core.discovery import names
from ganwright.core.errors import UserError
from ganwright.core.system import expanded
from ganwright.judging.card import EXPLANATION

OPTION = re.compile(r"--?[a-zA-Z]")  # how an option begins; -3 is a number
SEVERAL = {"seeds", "sweep", "judge_samples"}

Values = Mapping[str, Any]


def parsed(words: Sequence[str]) -> tuple[str | None, dict[str, Any]]:
    """`[NAME] [--option VALUE | --option=VALUE | --switch | --no-switch]...` as the name and the options' values.

    A value is a word; a switch is True or False; an option that is repeated has a list of its values.
    """
    name, rest = (words[0], list(words[1:])) if words and not OPTION.match(words[0]) else (None, list(words))
    options: dict[str, list[Any]] = {}
    while rest:
        word, equals, value = rest.pop(0).partition("=")
        if not word.startswith("--") or not OPTION.match(word):
            raise UserError(f"Unexpected {word!r}: a name comes first, then options, which begin with --.")
        if not equals and rest and not OPTION.match(rest[0]):
            equals, value = "=", rest.pop(0)
        if equals:
            options.setdefault(option_name(word), []).append(value)
        else:
            options.setdefault(option_name(re.sub("^--no-", "--", word)), []).append(not word.startswith("--no-"))
    return name, {option: values[0] if len(values) == 1 else values for option, values in options.items()}


def request(words: Sequence[str], declared: Values) -> dict[str, Any]:
    """The request of a training: `words` and `declared` options of the command line, over those of --config."""
    recipe, options = parsed(words)
    options |= {name: value for name, value in declared.items() if value not in (None, [], ())}
    options |= {} if recipe is None else {"recipe": recipe}
    for name, value in options.items():
        if value == "":
            raise UserError(f"{flag(name)} has an empty value.")
    trusted = bool(options.pop("trust", False)) or "recipe" in options
    below = config_file.read(expanded(options.pop("config")), trusted) if "config" in options else {}
    horizon = options_of(RequestedHorizon()).keys()
    if options.keys() & horizon:
        below = {name: value for name, value in below.items() if name not in horizon}
    return below | options


def train(words: Sequence[str], declared: Values) -> None:
    """`ganwright train`."""
    options = request(words, declared)
    if options.keys() & SEVERAL:
        return sweep(options)
    try:
        run_training(**options, started=process.STARTED)
    finally:
        ranks.stop()


def sweep(options: dict[str, Any]) -> None:
    """`ganwright train --seeds` or `--sweep`: prints the table."""
    n = options.pop("judge_samples", None)
    if not options.keys() & SEVERAL:
        raise UserError("--judge-samples goes with --seeds or --sweep.")
    comparison = run_sweep(**options, judge={"n": n})
    console = Console(markup=False)
    console.print(comparison.table)
    for sentence in (comparison.explanation, *comparison.problems):
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)


def plan(words: Sequence[str], declared: Values, as_json: bool) -> None:
    """`ganwright plan`: prints what `ganwright train` with the same options would take."""
    made = make_plan(**request(words, declared), started=process.STARTED)
    print(json.dumps(made.to_dict(), indent=2) if as_json else made)


def judge(words: Sequence[str], declared: Values) -> None:
    """`ganwright judge`: prints the card."""
    subject, of_loader = parsed(words)
    if subject is None:
        raise UserError(f"A run folder or samples come first, then {words[0]}.")
    with ranks.joined(torch.device("cpu")):
        card = judge_command.judge(subject, **{**declared, "metric": declared["metric"] or (), **of_loader})
        if ranks.rank() > 0:
            return
    console = Console(markup=False)
    console.print(card.table)
    for remark in card.remarks:
        console.print(remark, soft_wrap=True, highlight=False)
    console.print(EXPLANATION, soft_wrap=True, highlight=False)
    for note in (*card.protocol.get("notes", []), *card.left_out):
        console.print(f"Note: {note}", soft_wrap=True, highlight=False, markup=False)


def human_eval(words: Sequence[str], declared: Values, answers: Path | None) -> None:
    """`ganwright human-eval`: prints what was written, or how many answers are right."""
    subject, of_loader = parsed(words)
    if subject is None:
        raise UserError(f"A run folder or samples come first, then {words[0]}.")
    if answers is None:
        print(human_eval_command.human_eval(subject, **{**declared, **of_loader}))
        return
    given = [name for name in ("data", "seed", "n") if declared[name] is not None] + [*of_loader]
    if given:
        raise UserError(f"{flag(given[0])} makes a sheet, and --answers scores one: leave one of them out.")
    place = human_eval_command.place_of(subject, declared["out"])
    print(human_eval_command.HumanEval.open(place).score(answers))


def sample(options: Values) -> None:
    """`ganwright sample`: prints what was written."""
    with ranks.joined(torch.device("cpu")):
        sentence = sample_command.sample(**options)
        if ranks.rank() == 0:
            print(sentence)


def data(words: Sequence[str], out: Path | None) -> None:
    """`ganwright data`: lists the data sets, or describes one."""
    name, options = parsed(words)
    if options and name is None:
        raise UserError(f"The name or path of the data comes first, then {words[0]}.")
    if name is None:
        print(f"Data sets: {', '.join(names('data'))}. A path to your own files works too.")
        return
    source = data_source.find(name, options)
    data_command.show(source.data, out or Path(f"{Path(name).stem}-data.png"))
    if table := option_table("Options of this data", source.own_options.values()):
        Console(markup=False).print("", table)
