"""The command line: words become verbs. It loads no torch until a verb needs it."""

from __future__ import annotations

import atexit
import gc
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ganwright.core.errors import UserError

INTERRUPTED = 130  # the shell's exit code for Ctrl-C
UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # typer carries a click of its own

app = typer.Typer(
    name="ganwright",
    help="Trains, judges and ships generative adversarial networks.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=EXTRA)
def train(
    context: typer.Context,
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe, or a file of your own; without it the data decides.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="A data set, a folder or zip of pictures, .tar, .npy, .npz, .csv.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; runs/RECIPE-DATA without it.")] = None,
    examples: Annotated[int | None, typer.Option(help="Real images to see in all.")] = None,
    epochs: Annotated[float | None, typer.Option(help="The same in passes through the data.")] = None,
    minutes: Annotated[float | None, typer.Option(help="The same in minutes, from the command to its end.")] = None,
    seed: Annotated[int | None, typer.Option(help="What all random numbers depend on (0).")] = None,
    as_source: Annotated[bool | None, typer.Option("--as-source", help="The classic program, to the letter.")] = None,
    config: Annotated[Path | None, typer.Option(help="Options from YAML or another run's recipe.json.")] = None,
    start_from: Annotated[Path | None, typer.Option("--from", help="Start from another run's trained weights.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, mps.")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, float32, bfloat16, float64.")] = None,
    micro_batch: Annotated[int | None, typer.Option(help="Samples computed at once; gradients accumulate.")] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads; long runs try it.")] = None,
    compile: Annotated[
        str | None,
        typer.Option(
            help="Compile rounds: off, on, or auto (a new run's), which measures whether it pays; a run that goes on "
            "stays as it was."
        ),
    ] = None,
    log_every: Annotated[int | None, typer.Option(help="Images between two lines of the log.")] = None,
    sample_every: Annotated[int | None, typer.Option(help="Images between two sheets of samples.")] = None,
    checkpoint_seconds: Annotated[float | None, typer.Option(help="Seconds between two checkpoints (60).")] = None,
    keep_every: Annotated[int | None, typer.Option(help="Images between checkpoints kept for good.")] = None,
    on_verdict: Annotated[
        str | None, typer.Option(help="What an alarming verdict does: note (the default), stop, rewind.")
    ] = None,
    best_by: Annotated[str | None, typer.Option(help="Keep the best checkpoint by this metric: frechet, ...")] = None,
    patience: Annotated[int | None, typer.Option(help="Stop when so many checks found nothing better.")] = None,
    best_samples: Annotated[int | None, typer.Option(help="Samples of each such check (2,000).")] = None,
    quiet: Annotated[bool | None, typer.Option("--quiet", help="Show nothing while training.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Train and judge so many seeds; mean and spread.")] = None,
    sweep: Annotated[
        list[str] | None, typer.Option(help="loss=hinge,relativistic: the same for each value (3 seeds).")
    ] = None,
    judge_samples: Annotated[int | None, typer.Option(help="Samples to judge each of these runs by.")] = None,
) -> None:
    """Train a recipe on data; the same command again goes on where it stopped.

    The recipe comes first, then options in any order.

    `ganwright recipes RECIPE` lists the options of a recipe and `ganwright data NAME` those of a data set; all of
    them may be given here.
    """
    from ganwright.commands import command_line

    given = {name: value for name, value in context.params.items() if name != "recipe"}
    command_line.train(recipe, given, context.args)


def _as_train(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of `train` that describe one run, before its own."""
    shared = inspect.signature(train, eval_str=True).parameters.values()
    own = inspect.signature(command, eval_str=True).parameters.values()
    named = [one for one in own if one.kind is one.KEYWORD_ONLY]
    several = {"seeds", "sweep", "judge_samples"}
    kept = [one for one in shared if one.name not in several]
    command.__signature__ = inspect.Signature([*kept, *named])  # type: ignore[attr-defined]
    return command


@app.command(context_settings=EXTRA)
@_as_train
def plan(
    context: typer.Context,
    *,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    **given: Any,
) -> None:
    """Say what `train` with the same options would take: size, arithmetic, memory, speed, minutes, disk.

    A few steps are tried and timed, and no run folder is touched.
    """
    from ganwright.commands import command_line

    options = {name: value for name, value in context.params.items() if name != "recipe"}
    command_line.plan(given["recipe"], options, context.args)


@app.command()
def sample(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    out: Annotated[
        Path, typer.Option(help="A .png grid, a folder of PNG, .npy, .npz, or .csv for points, series and tables.")
    ],
    n: Annotated[int | None, typer.Option("-n", help="How many: 64, or one for a picture, unless told.")] = None,
    seed: Annotated[int, typer.Option(help="Which ones.")] = 0,
    condition: Annotated[
        str | None, typer.Option(help="A class by name or number, a picture, or a folder of pictures.")
    ] = None,
    checkpoint: Annotated[str, typer.Option(help="newest, best, healthy.")] = "newest",
    back: Annotated[bool, typer.Option("--back", help="From B to A, where a recipe goes both ways.")] = False,
) -> None:
    """Draw samples from a trained run."""
    from ganwright.commands import command_line

    command_line.sample(dict(context.params))


@app.command(context_settings=EXTRA)
def judge(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="A run folder; a folder or zip of pictures, .npy, .npz, .csv.")],
    data: Annotated[str | None, typer.Option(help="The real data; what the run was trained on without it.")] = None,
    n: Annotated[int | None, typer.Option("-n", help="Samples (10,000, or as many as there are real ones).")] = None,
    draws: Annotated[int, typer.Option(help="Repetitions, for the uncertainty.")] = 3,
    metric: Annotated[list[str] | None, typer.Option(help="Only this one; may be given several times.")] = None,
    features: Annotated[str | None, typer.Option(help="grey28, natural32, inception (FID), or none.")] = None,
    seed: Annotated[int, typer.Option(help="Which samples.")] = 0,
    checkpoint: Annotated[str, typer.Option(help="newest, best, healthy.")] = "newest",
    raw: Annotated[bool, typer.Option("--raw", help="Networks as trained, not their averages.")] = False,
    pairs: Annotated[bool, typer.Option("--pairs", help="Two folders whose pictures belong together by name.")] = False,
    out: Annotated[Path | None, typer.Option(help="Where the card goes; the run's folder, or cards/NAME.")] = None,
) -> None:
    """Measure how good samples are: scores with their uncertainty beside what real data itself reaches."""
    from ganwright.commands import command_line

    command_line.judge(subject, dict(context.params), context.args)


@app.command()
def score(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    pictures: Annotated[list[Path], typer.Argument(help="Pictures, or a .csv of points, series or rows.")],
    condition: Annotated[
        str | None, typer.Option(help="The class they are scored as, for recipes that have one.")
    ] = None,
) -> None:
    """Ask the discriminator about pictures, beside what it says of real and of generated ones."""
    from ganwright.commands.score import score as ask

    ask(run, pictures, condition)


@app.command()
def classify(
    run: Annotated[Path, typer.Argument(help="The folder of a run whose discriminator names classes.")],
    pictures: Annotated[list[Path] | None, typer.Argument(help="Pictures; the data's test part without them.")] = None,
) -> None:
    """Name the classes of pictures, or say how often that is right on samples whose class was not learned from."""
    from ganwright.commands.classify import classify as name_them

    name_them(run, pictures or [])


@app.command(context_settings=EXTRA)
def data(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A data set, or a path; without it the sets are listed.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the grid of samples goes.")] = None,
) -> None:
    """Say what a data set holds and draw a grid of it."""
    from ganwright.commands import command_line

    command_line.data(name, out, context.args)


@app.command()
def recipes(
    name: Annotated[
        str | None, typer.Argument(help="One of them, to be explained; without it they are listed.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="The data to build its networks for.")] = None,
    as_source: Annotated[bool, typer.Option("--as-source", help="The classic program's instead.")] = False,
) -> None:
    """List the recipes, or explain one: options, networks, what to expect."""
    from ganwright.commands import recipes as verb

    verb.explain(name, data, as_source) if name else verb.list_all()


@app.command()
def version() -> None:
    """Print the version."""
    from ganwright.version import __version__

    print(__version__)


def main(arguments: list[str] | None = None) -> None:
    """The program `ganwright`: a mistake ends in one sentence and code 1 or 2, an alarm in 3, Ctrl-C in 130."""
    words = sys.argv[1:] if arguments is None else arguments
    atexit.register(gc.freeze)  # or the interpreter's last collection walks through all of torch, for a second or two
    try:
        sys.exit(app(words or ["--help"], prog_name="ganwright", standalone_mode=False))
    except UserError as error:
        _refuse(str(error), error.code)
    except UsageError as error:
        message = error.format_message()  # type: ignore[attr-defined]
        _refuse(f"{message}{'' if message.endswith(('.', '?', ')')) else '.'} See ganwright --help.", 2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _refuse(sentence: str, code: int) -> NoReturn:
    print(f"ganwright: {sentence}", file=sys.stderr)
    sys.exit(code)
