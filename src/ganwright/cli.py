"""The program `ganwright`: declares the commands and their options, and imports torch only when a command runs."""

from __future__ import annotations

import atexit
import gc
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, options_of
from ganwright.config.training_config import CallbackOptions, Hardware, RunOptions
from ganwright.core.errors import UserError

HELP = ["-h", "--help"]
INTERRUPTED = 130  # the shell's exit code for Ctrl-C
UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # typer may contain its own copy of click

TRAIN_HELP = """Train a recipe on data. The same command again resumes the run.

Without RECIPE the data choose one. The options of a recipe (`ganwright recipes NAME` lists them) and of the data are
accepted too (`ganwright data NAME` lists these).

\b
Examples:
  ganwright train
  ganwright train --data mnist --minutes 5 --conditional
  ganwright train dcgan --data ./photos --size 64 --epochs 20 --out runs/photos
  ganwright train ring --loss hinge --steps 2000 --seed 1
  ganwright train ring --sweep loss=hinge,relativistic --seeds 3
"""
PLAN_HELP = """Estimate what a training would take.

Prints the size, memory, speed, minutes and disk space of `train` with the same options. A few steps are timed; no run
folder is written.
"""


def recipe_names(incomplete: str) -> list[str]:
    """For shell completion."""
    return _names("recipes", incomplete)


def data_names(incomplete: str) -> list[str]:
    """For shell completion."""
    return _names("data", incomplete)


def _names(package: str, incomplete: str) -> list[str]:
    from ganwright.core.discovery import names

    return [name for name in names(package) if name.startswith(incomplete)]


PLACES = (
    Option("data", str, None, "A data set, a folder or zip of pictures, or a .tar, .npy, .npz, .csv file."),
    Option("out", str, None, "The run folder (default: runs/RECIPE-DATA)."),
    Option("config", str, None, "Read options from a YAML file or from a run's recipe.json."),
)
GROUPS = {
    "Run": (*PLACES, *options_of(RunOptions()).values()),
    "Horizon": tuple(options_of(RequestedHorizon()).values()),
    "Hardware": tuple(options_of(Hardware()).values()),
    "Callbacks": tuple(options_of(CallbackOptions()).values()),
}
SEVERAL = {
    "Several runs": (
        Option("seeds", int, None, "Train and judge N seeds; the table shows mean and spread."),
        Option("sweep", list[str], None, "Train and judge each value: loss=hinge,relativistic. Repeat for a grid."),
        Option("judge_samples", int, None, "Samples to judge each run by."),
    )
}
COMPLETIONS = {"data": data_names}


def path(word: str) -> Path:
    """A path of the command line, relative to the working folder; a UserError for an empty one."""
    if not word:
        raise UserError("A path is empty: name a file or a folder (. is the working folder).")
    return Path(word).expanduser()


class GroupedCommand(TyperCommand):
    """A command whose help lists options under the headings of their `rich_help_panel`."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Without the dots of a list: its first word is a name, and the others are options."""
        return [piece.removesuffix("...").strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                usual = "Options" if parameter.param_type_name == "option" else "Arguments"
                heading = getattr(parameter, "rich_help_panel", None) or usual
                sections.setdefault(heading, []).append((record[0].removesuffix(" <list[str]>"), record[1]))
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def declares(groups: Mapping[str, Iterable[Option]]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Replaces a command's `**declared` by these options, each a word; the configuration checks them."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            one for one in inspect.signature(command, eval_str=True).parameters.values() if one.kind != one.VAR_KEYWORD
        ]
        declared = [_parameter(option, heading) for heading, options in groups.items() for option in options]
        command.__signature__ = inspect.Signature([*own, *declared])  # type: ignore[attr-defined]
        return command

    return decorate


def _parameter(option: Option, heading: str) -> inspect.Parameter:
    """An option as typer reads it."""
    kind = bool if option.is_switch else option.type if option.type == list[str] else str
    unstated = option.default in (None, False) or "default:" in option.help
    declared = typer.Option(
        option.flag,
        help=option.help if unstated else f"{option.help} [default: {option.default}]",
        metavar=None if option.is_switch else _metavar(option),
        autocompletion=COMPLETIONS.get(option.name) or (lambda: list(option.choices)),
        rich_help_panel=heading,
    )
    annotation = Annotated[kind | None, declared]  # type: ignore[valid-type]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _metavar(option: Option) -> str:
    if option.choices:
        return "|".join(option.choices)
    return "N" if option.takes(int, float) else "OPTION=VALUE,..." if option.type == list[str] else "VALUE"


app = typer.Typer(
    name="ganwright",
    help="Train, judge and use generative adversarial networks.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": HELP},
)
FURTHER_OPTIONS = {"ignore_unknown_options": True}  # they stay among the words


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def program(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """The options of the program itself."""


Recipe = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RECIPE",
        help="A recipe, or a file of your own, ./FILE.py.",
        autocompletion=recipe_names,
    ),
]


@app.command(cls=GroupedCommand, context_settings=FURTHER_OPTIONS, help=TRAIN_HELP)
@declares({**GROUPS, **SEVERAL})
def train(words: Recipe = None, **declared: Any) -> None:
    from ganwright.commands import command_line

    command_line.train(words or [], declared)


@app.command(cls=GroupedCommand, context_settings=FURTHER_OPTIONS, help=PLAN_HELP)
@declares(GROUPS)
def plan(
    words: Recipe = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    **declared: Any,
) -> None:
    from ganwright.commands import command_line

    command_line.plan(words or [], declared, json)


@app.command(cls=GroupedCommand)
def sample(
    run: Annotated[Path, typer.Argument(parser=path, metavar="RUN", help="A run folder.")],
    out: Annotated[
        Path,
        typer.Option(
            parser=path,
            metavar="PATH",
            help="A .png grid, a folder of .png files, .npy, .npz; .csv for points, series and tables.",
        ),
    ],
    n: Annotated[
        int | None, typer.Option("-n", metavar="N", help="Number of samples (default: 64; 1 for a picture).")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed of the samples.")] = 0,
    condition: Annotated[
        str | None,
        typer.Option(metavar="CONDITION", help="A class by name or number, a picture, or a folder of pictures."),
    ] = None,
    checkpoint: Annotated[str, typer.Option(metavar="NAME", help="newest, best or healthy.")] = "newest",
    back: Annotated[bool, typer.Option("--back", help="Translate from B to A, if the recipe can.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the samples in a folder that is not empty.")
    ] = False,
) -> None:
    """Generate samples with a trained run."""
    from ganwright.commands import command_line

    command_line.sample(
        {
            "run": run,
            "n": n,
            "seed": seed,
            "out": out,
            "condition": condition,
            "checkpoint": checkpoint,
            "back": back,
            "overwrite": overwrite,
        }
    )


@app.command(cls=GroupedCommand, context_settings=FURTHER_OPTIONS)
def judge(
    words: Annotated[
        list[str],
        typer.Argument(metavar="SUBJECT", help="A run folder; a folder or zip of pictures, .npy, .npz, .csv."),
    ],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="The real data (default: what the run was trained on).")
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("-n", metavar="N", help="Number of samples (default: 10,000, or as many as there are)."),
    ] = None,
    repetitions: Annotated[
        int, typer.Option(metavar="N", help="Independent draws of samples, for the uncertainty.")
    ] = 3,
    metric: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this metric; may be repeated.")] = None,
    features: Annotated[
        str | None, typer.Option(metavar="NAME", help="grey28, natural32, inception (FID), or none.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed of the samples.")] = 0,
    checkpoint: Annotated[str, typer.Option(metavar="NAME", help="newest, best or healthy.")] = "newest",
    raw: Annotated[bool, typer.Option("--raw", help="Use the networks as trained, not their EMA.")] = False,
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare two folders of pictures, by file name.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=path, metavar="FOLDER", help="Where the card is written (default: the run's folder, or cards/NAME)."
        ),
    ] = None,
) -> None:
    """Score samples against real data.

    Each score has an uncertainty, and the value that real data have.

    The options of the data are accepted too: `ganwright data NAME` lists them.
    """
    from ganwright.commands import command_line

    options = {"data": data, "n": n, "repetitions": repetitions, "metric": metric, "features": features, "seed": seed}
    command_line.judge(words, options | {"checkpoint": checkpoint, "raw": raw, "pairs": pairs, "out": out})


@app.command(cls=GroupedCommand)
def score(
    run: Annotated[Path, typer.Argument(parser=path, metavar="RUN", help="A run folder.")],
    pictures: Annotated[
        list[Path], typer.Argument(parser=path, metavar="FILE", help="Pictures, or other samples of the data's kind.")
    ],
    condition: Annotated[
        str | None,
        typer.Option(metavar="CLASS", help="The class under which they are scored, for conditional recipes."),
    ] = None,
) -> None:
    """Show the discriminator's scores of samples.

    Real and generated samples are listed beside them.
    """
    from ganwright.commands.score import score as print_scores

    print_scores(run, pictures, condition)


@app.command(cls=GroupedCommand)
def classify(
    run: Annotated[
        Path, typer.Argument(parser=path, metavar="RUN", help="The folder of a run whose discriminator classifies.")
    ],
    pictures: Annotated[
        list[Path] | None,
        typer.Argument(parser=path, metavar="PICTURE", help="Pictures (default: the data's test part)."),
    ] = None,
) -> None:
    """Classify pictures with the discriminator.

    Without pictures, prints its accuracy on samples whose labels it was not trained on.
    """
    from ganwright.commands.classify import classify as print_classes

    print_classes(run, pictures or [])


@app.command(cls=GroupedCommand, context_settings=FURTHER_OPTIONS)
def data(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="A data set, or a path.", autocompletion=data_names),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(parser=path, metavar="FILE", help="Where the grid of samples is written.")
    ] = None,
) -> None:
    """List the data sets, or describe one.

    A grid of its samples is saved.

    The options of the data are accepted too: `ganwright data NAME` lists them.
    """
    from ganwright.commands import command_line

    command_line.data(words or [], out)


@app.command(cls=GroupedCommand)
def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="RECIPE", help="Explain this recipe.", autocompletion=recipe_names)
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Build its networks for this data.", autocompletion=data_names)
    ] = None,
    as_source: Annotated[bool, typer.Option("--as-source", help="Explain its classic published program.")] = False,
) -> None:
    """List the recipes, or explain one.

    Of one, prints the options, the networks, and what to expect.
    """
    from ganwright.commands import recipes as command

    command.explain(name, data, as_source) if name else command.list_all()


@app.command(cls=GroupedCommand)
def version() -> None:
    """Print the version."""
    from ganwright.version import __version__

    print(__version__)


def main(arguments: list[str] | None = None) -> None:
    """Runs the program. Exit codes: 1 or 2 for a mistake, with one sentence; 3 for an alarm; 130 for Ctrl-C."""
    words = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    atexit.register(gc.freeze)  # or the interpreter's last collection walks through all of torch, for a second or two
    try:
        if not _print_help(*words):
            sys.exit(app(words, prog_name="ganwright", standalone_mode=False))
        sys.exit()
    except UserError as error:
        _refuse(str(error), error.code)
    except UsageError as error:
        message = error.format_message()  # type: ignore[attr-defined]
        _refuse(f"{message}{'' if message.endswith(('.', '?', ')')) else '.'} See ganwright --help.", 2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader of the output, such as head, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes it when it exits
        sys.exit(1)


def _print_help(name: str, *words: str) -> bool:
    """Prints the help of a command if it is wanted; typer would import pydantic first, which takes longer than that."""
    program: Any = typer.main.get_command(app)
    if name not in program.commands or not set(HELP) & set(words):
        return False
    context = typer.Context(program, info_name="ganwright", help_option_names=HELP)
    command = program.commands[name]
    print(command.get_help(typer.Context(command, info_name=name, parent=context)))
    return True


def _refuse(sentence: str, code: int) -> NoReturn:
    print(f"ganwright: {sentence}", file=sys.stderr)
    sys.exit(code)
