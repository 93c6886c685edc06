"""The summary printed at the end of training: result, verdict, files, and what to do next."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ganwright.callbacks.progress import clock_time
from ganwright.core.recipe import Recipe
from ganwright.health.verdict import Verdict
from ganwright.runs.run import Run

WIDTH = 80  # columns
EVIDENCE_LINES = 3
CONTINUE = "  the same command with more --steps, --examples, --epochs or --minutes"


def next_commands(path: Path, recipe: Recipe, source: str) -> list[str]:
    """Returns the commands that use a run on the data `source`.

    They judge it, if metrics can compare its samples, and sample it: freely and, if it can, under a condition. The
    condition of a recipe that transforms pictures is a picture.
    """
    run, domain = shlex.quote(str(path)), recipe.data.domain
    example = recipe.condition.example(source) if recipe.transform is None else domain.example(source)
    suffix = next(iter(domain.writers), ".png")
    judge = [f"ganwright judge {run}"] if domain.views else []
    under = [] if example is None else [f"ganwright sample {run} --condition {shlex.quote(example)} --out made{suffix}"]
    return [*judge, f"ganwright sample {run} --out samples{suffix}", *under]


def summary(
    run: Run,
    commands: Sequence[str],
    log_line: Mapping[str, Any] | None,
    examples: int,
    seconds: float,
    verdict: Verdict,
    best_sentences: Sequence[str],
    finished_early: bool,
) -> str:
    """Returns the summary of a finished run, at most 80 columns wide unless a path is longer.

    `log_line` is the log's last line, `seconds` the training time over all commands, `best_sentences` the report of
    early stopping, `commands` are those of `next_commands`; with `finished_early` a longer run is not suggested.
    """
    epochs = "" if log_line is None else f" ({log_line['epoch']:.1f} epochs)"
    speed = f"{examples / max(seconds, 1e-9):,.0f} examples/s"
    return "\n".join(
        [
            *_wrap(f"Finished: {examples:,} examples{epochs} in {clock_time(seconds)} ({speed})."),
            *_verdict(verdict),
            *(line for sentence in best_sentences for line in _wrap(sentence)),
            *_wrap(f"Files in {run.path}: {', '.join(_files(run))}"),
            "Next:",
            *(f"  {command}" for command in commands),
            *_advice(verdict, finished_early),
        ]
    )


def _verdict(verdict: Verdict) -> list[str]:
    """Returns the verdict, with as much of its evidence as fits."""
    evidence = verdict.evidence.split("; ")
    while True:
        lines = _wrap(f"Verdict: {verdict.name}: {'; '.join(evidence)}.")
        if len(lines) <= EVIDENCE_LINES or len(evidence) == 1:
            return lines
        evidence.pop()


def _files(run: Run) -> list[str]:
    """Returns the files to look at, relative to the run's folder."""
    paths = [*run.sample_grids()[-1:], run.path / "animation.webp", run.path / "losses.png"]
    return [str(path.relative_to(run.path)) for path in paths if path.is_file()] or ["log.jsonl"]


def _advice(verdict: Verdict, finished_early: bool) -> list[str]:
    """Returns the advice of a verdict, and how to continue unless it is alarming."""
    advice = _wrap(f"  {verdict.advice} (with a new --out)") if verdict.advice else []
    return advice if verdict.alarming or finished_early else [*advice, CONTINUE]


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
