"""The summary at the end of training: result, verdict, files and next commands, within 80 columns."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from conftest import pairs, pictures
from ganwright.callbacks.summary import next_commands, summary
from ganwright.core.column import Column
from ganwright.core.condition import DataConditions, DerivedConditions, Labels, Unconditional
from ganwright.core.data import Data
from ganwright.core.game import Game
from ganwright.core.order import Stream
from ganwright.core.recipe import Recipe
from ganwright.domains.images import Images
from ganwright.domains.series import Series
from ganwright.domains.table import Table
from ganwright.health.verdict import COLLAPSE, HEALTHY, TRY, Verdict
from ganwright.runs.run import Run

EVIDENCE = (
    "all 10 clusters of the real data are covered; the samples lie 93% as far from each other as real ones; "
    "the samples' distance from real data is 0.01 of its spread (real data's own: 0)"
)
ALL = ("samples/00000000.png", "samples/00107820.png", "animation.webp", "losses.png")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run folder with sample grids and artefacts, below the working directory."""
    monkeypatch.chdir(tmp_path)
    run = Run("runs/a")
    run.samples.mkdir(parents=True)
    for file in ALL:
        (run.path / file).touch()
    return run


def lines_of(run: Run, verdict: str = HEALTHY, evidence: str = EVIDENCE, **changes: Any) -> list[str]:
    arguments: dict[str, Any] = {
        "commands": ["ganwright judge runs/a", "ganwright sample runs/a --out samples.png"],
        "log_line": {"epoch": 60.0},
        "examples": 107_820,
        "seconds": 192.4,
        "best_sentences": [],
        "finished_early": False,
    }
    lines = summary(run, verdict=Verdict(verdict, evidence), **{**arguments, **changes}).splitlines()
    assert max(map(len, lines)) <= 80
    return lines


def test_a_summary_has_nine_lines(run: Run) -> None:
    assert lines_of(run) == [
        "Finished: 107,820 examples (60.0 epochs) in 3:12 (560 examples/s).",
        "Verdict: healthy: all 10 clusters of the real data are covered; the samples lie",
        "  93% as far from each other as real ones; the samples' distance from real data",
        "  is 0.01 of its spread (real data's own: 0).",
        "Files in runs/a: samples/00107820.png, animation.webp, losses.png",
        "Next:",
        "  ganwright judge runs/a",
        "  ganwright sample runs/a --out samples.png",
        "  the same command with more --steps, --examples, --epochs or --minutes",
    ]


def test_an_alarming_verdict_gives_its_advice_instead_of_a_longer_run(run: Run) -> None:
    lines = lines_of(run, COLLAPSE)
    assert " ".join(" ".join(lines[-2:]).split()) == f"{TRY[COLLAPSE]} (with a new --out)"
    assert not any("continues" in line for line in lines)


def test_an_early_stop_reports_the_best_and_suggests_no_longer_run(run: Run) -> None:
    best = ["Best: fd_grey28_2k 4.981 at 96,000 examples (--checkpoint best).", f"Stopped early: {'x ' * 40}"]
    lines = lines_of(run, best_sentences=best, finished_early=True)
    assert lines[4] == best[0]
    assert lines[5].startswith("Stopped early: x x")
    assert lines[-1] == "  ganwright sample runs/a --out samples.png"


def test_missing_files_and_logs_are_omitted(run: Run) -> None:
    for file in ALL:
        (run.path / file).unlink()
    first, *lines = lines_of(run, evidence="short", log_line=None, seconds=0.0, examples=0)
    assert first == "Finished: 0 examples in 0:00 (0 examples/s)."
    assert lines[:2] == ["Verdict: healthy: short.", "Files in runs/a: log.jsonl"]


WALKS = Data("walks", WALK := Series(3, (Column("x"),), given=2), np.zeros((4, 3, 1), np.float32))
NAMED = Table((Column("region", ("a,b", "c")), Column("size", resolution=1.0, shift=3.2)))


class Unseen(Images):
    """Pictures that no metric can see."""

    views = ()


@pytest.mark.parametrize(
    ("data", "condition", "command"),
    [
        (pictures(), lambda data: Unconditional(), None),
        (
            replace(pictures(), classes=("a cat", *"123456789")),
            lambda data: Labels.of_data(data, "it"),
            "'a cat' --out made.png",
        ),
        (pairs(), DataConditions, "photo.png --out made.png"),
        (
            replace(WALKS, conditions=WALKS.samples[:, :2], condition_domain=WALK),
            DataConditions,
            "b/last.csv --out made.csv",
        ),
        (
            replace(WALKS, conditions=np.zeros((4, 2)), condition_domain=NAMED),
            DataConditions,
            """'"region=a,b",size=3' --out made.csv""",
        ),
        (pictures(), lambda data: DerivedConditions(data, lambda batch, draws: batch), None),
    ],
)
def test_a_run_that_samples_under_conditions_names_one(data: Data, condition: Any, command: str | None) -> None:
    recipe = Recipe(data, cast(Game, None), (), Stream(4), 8, condition=condition(data))
    found = next_commands(Path("runs/a"), recipe, "b/last.csv")
    under = [] if command is None else [f"ganwright sample runs/a --condition {command}"]
    suffix = next(iter(data.domain.writers), ".png")
    assert found == ["ganwright judge runs/a", f"ganwright sample runs/a --out samples{suffix}", *under]


def test_judging_is_not_suggested_where_no_metric_can_compare_the_samples() -> None:
    own = replace(pictures(), domain=Unseen(8, 8, 1))
    recipe = Recipe(own, cast(Game, None), (), Stream(4), 8, condition=Unconditional())
    assert next_commands(Path("runs/a"), recipe, "b.npz") == ["ganwright sample runs/a --out samples.png"]
