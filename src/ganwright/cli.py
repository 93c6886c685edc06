"""The program `ganwright`: declares the commands and their options, and imports torch only when a command runs."""

from __future__ import annotations

import atexit
import gc
import inspect
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, options_of
from ganwright.config.training_config import CallbackOptions, Hardware, RunOptions
from ganwright.core import interruption, output
from ganwright.core.errors import Notice, Stopped, UserError
from ganwright.core.system import expanded

HELP = ["-h", "--help"]
_python_warning = warnings.showwarning
Trust = Annotated[
    bool, typer.Option("--trust", help="Execute the run's own recipe file, although you have not trained with it.")
]
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
    Option("data", str, None, "A data set; a folder of pictures, .wav or .txt; a .tar, .npy, .npz, .csv, .txt, ..."),
    Option("out", str, None, "The run folder (default: runs/RECIPE-DATA)."),
    Option("config", str, None, "Read options from a YAML file or from a run's recipe.json."),
    Option("trust", bool, False, "Execute the recipe file that --config names, although you have not trained with it."),
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


class Passed(Exception):  # noqa: N818 - carries one
    """An error that typer would make an exit code of its own of."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def path(word: str) -> Path:
    """A path of the command line, relative to the working folder; a UserError for an empty one."""
    if not word:
        raise UserError("A path is empty: name a file or a folder (. is the working folder).")
    return expanded(word)


class GroupedCommand(TyperCommand):
    """A command whose help lists options under the headings of their `rich_help_panel`."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError) as error:
            raise Passed(error) from None

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
            help="A .png grid, a folder of .png or .wav, .npy, .npz; .wav; .csv, .parquet for columns; .txt for text.",
        ),
    ],
    n: Annotated[
        int | None,
        typer.Option(
            "-n",
            metavar="N",
            help="Number of samples (default: 64), or of each condition of a file (default: 1; pictures in a folder "
            "always have one each). In columns a forecast of several has a further column, draw.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed of the samples.")] = 0,
    condition: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="A class by name or number, a file or a folder of conditions, or values such as region=north,size=3.",
        ),
    ] = None,
    checkpoint: Annotated[str, typer.Option(metavar="NAME", help="newest, best or healthy.")] = "newest",
    back: Annotated[bool, typer.Option("--back", help="Translate from B to A, if the recipe can.")] = False,
    trust: Trust = False,
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
            "trust": trust,
            "overwrite": overwrite,
        }
    )


@app.command(cls=GroupedCommand, context_settings=FURTHER_OPTIONS)
def judge(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT", help="A run folder; a folder of pictures or .wav; a .zip, .npy, .npz, .csv, .txt, ..."
        ),
    ],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="The real data (default: what the run was trained on).")
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("-n", metavar="N", help="Number of samples (default: 10,000, or as many as there are)."),
    ] = None,
    repetitions: Annotated[
        int, typer.Option(metavar="N", help="Draws of samples, for the uncertainty; not of trainings (train --seeds).")
    ] = 3,
    metric: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this metric; may be repeated.")] = None,
    features: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="grey28, natural32, grey28-tiles, natural32-tiles, inception (FID), or none."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Random seed of the samples.")] = 0,
    checkpoint: Annotated[str, typer.Option(metavar="NAME", help="newest, best or healthy.")] = "newest",
    raw: Annotated[bool, typer.Option("--raw", help="Use the networks as trained, not their EMA.")] = False,
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare two folders of pictures, by file name.")] = False,
    trust: Trust = False,
    border: Annotated[
        int, typer.Option(metavar="N", help="Pixels at each side that PSNR and SSIM of --pairs leave out: the scale.")
    ] = 4,
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
    more = {"checkpoint": checkpoint, "raw": raw, "pairs": pairs, "border": border, "trust": trust, "out": out}
    command_line.judge(words, options | more)


@app.command(cls=GroupedCommand, context_settings=FURTHER_OPTIONS)
def human_eval(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT", help="A run folder; a folder of pictures or .wav; a .zip, .npy, .npz, .csv, .txt, ..."
        ),
    ],
    answers: Annotated[
        Path | None,
        typer.Option(parser=path, metavar="FILE", help="Score the answers in this file, and make no sheet."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="The real data (default: what the run was trained on).")
    ] = None,
    n: Annotated[int | None, typer.Option("-n", metavar="N", help="Number of entries (default: 50).")] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Random seed (default: drawn, and recorded in key.json).")
    ] = None,
    checkpoint: Annotated[str, typer.Option(metavar="NAME", help="newest, best or healthy.")] = "newest",
    trust: Trust = False,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=path, metavar="FOLDER", help="The sheet's folder (default: RUN/human-eval, or human-eval/NAME)."
        ),
    ] = None,
) -> None:
    """Let people tell real from generated samples.

    Writes both in random order, numbered, with a file of answers to fill in and the key in a file of its own; or scores
    answers with --answers FILE.

    The options of the data are accepted too: `ganwright data NAME` lists them.
    """
    from ganwright.commands import command_line

    options = {"data": data, "n": n, "seed": seed, "checkpoint": checkpoint, "trust": trust, "out": out}
    command_line.human_eval(words, options, answers)


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
    trust: Trust = False,
) -> None:
    """Show the discriminator's scores of samples.

    Real and generated samples are listed beside them.
    """
    from ganwright.commands.score import score as print_scores

    print_scores(run, pictures, condition, trust)


@app.command(cls=GroupedCommand)
def classify(
    run: Annotated[
        Path, typer.Argument(parser=path, metavar="RUN", help="The folder of a run whose discriminator classifies.")
    ],
    pictures: Annotated[
        list[Path] | None,
        typer.Argument(parser=path, metavar="PICTURE", help="Pictures (default: the data's test part)."),
    ] = None,
    trust: Trust = False,
) -> None:
    """Classify pictures with the discriminator.

    Without pictures, prints its accuracy on samples whose labels it was not trained on.
    """
    from ganwright.commands.classify import classify as print_classes

    print_classes(run, pictures or [], trust)


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
    """Runs the program. Exit codes: 1 or 2 for a mistake, with one sentence; 3 for an alarm; 128 + N for signal N.

    Where the environment has GANWRIGHT_TRACEBACK, the traceback of every error is printed before its sentence.
    """
    words = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    warnings.showwarning = _show_warning
    atexit.register(gc.freeze)  # or the interpreter's last collection walks through all of torch, for a second or two
    output.prepare_standard_streams()
    try:
        _check_place()
        if not _print_help(*words):
            _run(words)
    except Stopped as error:
        code = error.code
    except KeyboardInterrupt:
        output.to_errors(interruption.SENTENCE)
        code = interruption.INTERRUPTED
    except UsageError as error:
        message = error.format_message()  # type: ignore[attr-defined]
        output.to_errors(
            f"ganwright: {message}{'' if message.endswith(('.', '?', ')')) else '.'} See ganwright --help."
        )
        code = 2
    except BrokenPipeError:  # the reader of the output, such as head, has closed it
        code = 1
    except Exception as error:
        lost = output.flush() if isinstance(error, OSError) else ""
        code = _lost(lost) if lost else _report(error)
    else:
        lost = output.flush()
        code = _lost(lost) if lost else 0
    sys.exit(code)


def _run(words: list[str]) -> None:
    """Runs a command."""
    try:
        code = app(words, prog_name="ganwright", standalone_mode=False)
    except Passed as passed:
        raise passed.error from None
    if code == interruption.INTERRUPTED:  # before the command began
        raise KeyboardInterrupt


def _lost(reason: str) -> int:
    """Says that standard output cannot be written; returns the exit code."""
    output.to_errors(f"ganwright: The output cannot be written ({reason}).")
    return 1


def _check_place() -> None:
    """A UserError without a working folder, in which torch cannot be loaded; a width of no columns is no width."""
    if not os.environ.get("COLUMNS", "1").strip("0"):
        del os.environ["COLUMNS"]
    try:
        Path.cwd()
    except OSError as error:
        raise UserError(f"The working folder cannot be read ({error.strerror}): change to another one.") from None


def _report(error: Exception) -> int:
    """Prints an error's sentence, first its traceback where it is wanted; returns the exit code."""
    from ganwright.core import failures

    wanted = bool(os.environ.get("GANWRIGHT_TRACEBACK"))
    if wanted:
        output.to_errors("".join(traceback.format_exception(error)).rstrip())
    said = f"ganwright: {failures.sentence(error, wanted)}"
    failures.tell_torchrun(said)
    failures.let_the_first_process_speak(error)
    output.to_errors(said)
    return error.code if isinstance(error, UserError) else 1


def _print_help(name: str, *words: str) -> bool:
    """Prints the help of a command if it is wanted; typer would import pydantic first, which takes longer than that."""
    program: Any = typer.main.get_command(app)
    if name not in program.commands or not set(HELP) & set(words):
        return False
    context = typer.Context(program, info_name="ganwright", help_option_names=HELP)
    command = program.commands[name]
    print(command.get_help(typer.Context(command, info_name=name, parent=context)))
    return True


def _show_warning(message: Warning | str, category: type[Warning], *details: Any, **more: Any) -> None:
    """Prints ganwright's own notices as sentences, and other warnings as Python does."""
    if issubclass(category, Notice):
        output.to_errors(f"ganwright: {message}")
    else:
        _python_warning(message, category, *details, **more)
