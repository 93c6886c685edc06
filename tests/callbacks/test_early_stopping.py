"""The best checkpoint is chosen by a score and never by a loss; waiting for a better one may end the run."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ganwright
from conftest import SMALL, points
from ganwright.callbacks import early_stopping
from ganwright.callbacks.early_stopping import SelectionMetric
from ganwright.callbacks.signals import SignalHandler
from ganwright.cli import main
from ganwright.config import data_source
from ganwright.config.training_config import CallbackOptions
from ganwright.core.clock import Clock
from ganwright.core.errors import Stopped, UserError
from ganwright.core.metric import Metric
from ganwright.judging.judgement import BoundMetric
from ganwright.judging.real_data import RealData
from ganwright.judging.views import ViewedSamples, Views
from ganwright.metrics import density_coverage, sliced_points
from ganwright.runs import checkpoint
from ganwright.runs.run import Run

TIMES = ("seconds", "examples_per_second")
GIVEN = {
    **SMALL,
    "best_by": "sliced-points",
    "best_samples": 64,
    "examples": 640,
    "sample_every": 640,
    "count": 2_000,
}


def train(out: Path, **given: Any) -> Run:
    return ganwright.train("ring", out=out, **{**GIVEN, **given})


def scripted(values: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks give these values, one after the other."""
    left = iter(values)
    monkeypatch.setattr(SelectionMetric, "measure", lambda self, fake: next(left))


def marks(run: Run) -> dict[str, int]:
    found: dict[str, int] = json.loads((run.checkpoints / "marks.json").read_text())
    return found


def log(run: Run) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if name not in TIMES} for line in run.log()]


# -- the best


def test_the_best_is_marked_kept_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted([5.0, 3.0, 4.0, math.nan, *[3.5] * 16], monkeypatch)
    run = train(tmp_path, log_every=64)
    assert marks(run)["best"] == 128
    assert run.log()[-1]["best"] == {"value": 3.0, "examples": 128}
    assert [line["best"] and line["best"]["value"] for line in run.log()[:3]] == [5.0, 3.0, 3.0]
    assert [path.name for path in checkpoint.saved(run.checkpoints)] == ["00000128", "00000640"]
    assert "Best: sliced_w1_64 3 at 128 examples (--checkpoint best)." in capsys.readouterr().out
    best = ganwright.open(tmp_path, checkpoint="best")
    assert not np.array_equal(best.sample(4), run.sample(4))


def test_values_that_are_no_numbers_are_never_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted([math.nan, math.inf, *[math.nan] * 18], monkeypatch)
    run = train(tmp_path)
    assert run.log()[-1]["best"] is None
    assert "No check of sliced_w1_64 gave a number." in capsys.readouterr().out
    assert checkpoint.marked(run.checkpoints, "best") is None


def test_which_way_is_better() -> None:
    real = ViewedSamples(Views(points().domain), points().samples)
    measuring = BoundMetric("sliced-points", sliced_points.METRIC, RealData(real, real, None, {}), real.views)
    lower = SelectionMetric(measuring, "sliced w1", 64)
    assert lower.improves(1.0, None)
    assert lower.improves(1.0, 2.0)
    assert not lower.improves(2.0, 2.0)
    other = BoundMetric("density-coverage", density_coverage.METRIC, measuring.reals, real.views)
    higher = SelectionMetric(other, "coverage", 64)
    assert higher.improves(2.0, 1.0)
    assert not higher.improves(math.nan, None)
    assert math.isnan(lower.measure(ViewedSamples(real.views, np.full((4, 2), np.nan))))


def test_selecting_changes_nothing_of_what_is_trained(tmp_path: Path) -> None:
    chosen, alone = train(tmp_path / "chosen"), train(tmp_path / "alone", best_by=None)
    mine, theirs = (run.recipe.game.players["generator"].weights() for run in (chosen, alone))
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert "best" not in alone.log()[-1]


# -- going on


def test_stopped_and_continued_is_equal_to_the_unbroken_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unbroken = train(tmp_path / "unbroken")
    with monkeypatch.context() as patch:

        def observe(self: SignalHandler, clock: Clock, played: object) -> None:
            if clock.examples >= 320:
                raise Stopped

        patch.setattr(SignalHandler, "__call__", observe)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "run")
    continued = train(tmp_path / "run")
    assert log(continued) == log(unbroken)
    assert marks(continued) == marks(unbroken)
    states = [
        ganwright.open(run.path, checkpoint="best").checkpoint_state["callbacks"] for run in (continued, unbroken)
    ]
    assert states[0]["early_stopping"] == states[1]["early_stopping"]


def test_an_early_stop_ends_the_run_regularly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted([5.0, 3.0, 4.0, 3.5, 2.0, *[2.5] * 15], monkeypatch)
    run = train(tmp_path, patience=2, log_every=1_000)
    assert [path.name for path in checkpoint.saved(run.checkpoints)] == ["00000128", "00000256"]
    assert run.log()[-1]["examples"] == 256
    assert [path.stem for path in run.sample_grids()][-1] == "00000256"
    assert (tmp_path / "animation.webp").exists()
    said = "Stopped early: sliced_w1_64 has not improved in 2 checks; a larger --patience resumes the run."
    assert said in " ".join(capsys.readouterr().out.split())
    train(tmp_path, patience=2, examples=2_560)
    again = capsys.readouterr().out
    assert "The run was stopped early at 256 examples." in again
    assert said in " ".join(again.split())
    longer = train(tmp_path, patience=3, log_every=1_000)
    assert longer.log()[-1]["examples"] == 512
    assert marks(longer)["best"] == 320


def test_another_score_begins_anew_and_none_forgets_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tmp_path)
    train(tmp_path, best_by=None, examples=704)
    kept = checkpoint.newest(tmp_path / "checkpoint")[1]
    assert kept is not None
    assert kept.state["callbacks"]["early_stopping"]["by"] == "sliced_w1_64"
    assert kept.state["callbacks"]["early_stopping"]["best"] is not None
    capsys.readouterr()
    run = train(tmp_path, best_by="wasserstein", examples=768)
    assert "Best: w1_64 " in capsys.readouterr().out
    assert run.log()[-1]["best"]["examples"] in (704, 768)


# -- its use


def test_patience_alone_chooses_by_the_distance_of_the_card() -> None:
    found = early_stopping.selection_metric(data_source.find("digits", {}), CallbackOptions(patience=3))
    assert found is not None
    assert found.name == "fd_grey28_2k"
    assert found.split


def test_cards_and_samples_of_the_best(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tmp_path)
    best = checkpoint.marked(tmp_path / "checkpoint", "best")
    assert best is not None
    card = ganwright.judge(tmp_path, n=64, repetitions=1, checkpoint="best", metric=["sliced-points"])
    assert card.protocol["checkpoint"] == (
        f"best by sliced_w1_64 on real samples of the training part, {int(best.name):,} examples"
    )
    assert card.protocol["verdict"].startswith("at 640 examples, undecided: ")
    newest = ganwright.judge(tmp_path, n=64, repetitions=1, metric=["sliced-points"])
    assert newest.protocol["checkpoint"] == "newest, 640 examples"
    with pytest.raises(SystemExit) as ended:
        main(["sample", str(tmp_path), "-n", "4", "--checkpoint", "best", "--out", str(tmp_path / "best.npy")])
    assert not ended.value.code
    assert np.array_equal(np.load(tmp_path / "best.npy"), ganwright.open(tmp_path, checkpoint="best").sample(4))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"best_by": "sliced-point"}, "Did you mean sliced-points"),
        ({"best_by": "frechet"}, "--best-by frechet cannot be measured here: it compares features"),
        ({"best_by": None, "patience": 2}, "--patience needs --best-by METRIC"),
        ({"patience": 0}, "--patience cannot be 0"),
        ({"best_samples": 1}, "--best-samples cannot be 1"),
    ],
)
def test_mistakes_are_one_sentence(given: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=sentence):
        train(tmp_path / "run", **given)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"best_by": "memorisation"}, "it needs a test part held out from training"),
        ({"best_by": "frechet", "best_samples": 100}, "--best-samples 100: .* needs at least 129"),
    ],
)
def test_mistakes_with_pictures(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        early_stopping.selection_metric(data_source.find("digits", {}), CallbackOptions(**given))


def test_a_value_that_is_best_near_real_data_has_no_best(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Metric(view="points", values={"odd": "as real"}, measure=lambda compared: {"odd": 0.0})
    monkeypatch.setattr(sliced_points, "METRIC", odd)
    with pytest.raises(UserError, match="--best-by sliced-points: it is the better the nearer to real data"):
        early_stopping.selection_metric(data_source.find(points(), {}), CallbackOptions(best_by="sliced-points"))
