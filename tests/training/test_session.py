"""A session: opened where the run's folder stands, planned once, and locked for one process."""

from pathlib import Path
from typing import Any

import pytest
import torch

from conftest import pictures, points
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.config.resolve import resolve
from ganwright.core.errors import UserError
from ganwright.execution.mode import EAGER
from ganwright.planning import profiler
from ganwright.runs import checkpoint
from ganwright.runs.run import Run
from ganwright.training import session
from ganwright.training.preparation import ResumePoint, prepare, resume_point
from ganwright.training.session import default_folder, open_session, plan_run, trial
from planning.test_cost_model import least
from training.sessions import configured


def profiled_as(seconds_per_example: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles find that nothing but examples takes time."""
    costs = profiler.Profile(least(examples=(seconds_per_example,)), profiler.FileSizes(0, 0, 0, 0, 0))
    monkeypatch.setattr(session, "profile", lambda *_: costs)


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({}, "runs/r3gan-digits"),
        ({"data": "grid"}, "runs/grid-grid"),
        ({"data": points().samples}, "runs/curve-array"),
        ({"recipe": "vanilla", "data": pictures(4)}, "runs/vanilla-noise"),
    ],
)
def test_the_data_choose_the_recipe_and_the_folder(given: dict[str, Any], folder: str) -> None:
    assert default_folder(resolve({"quiet": True, **given})) == Path(folder)


def test_a_session_without_a_folder_uses_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_session(configured(data=pictures(64), examples=64)) as trainer:
        assert trainer.run.path == Path("runs/vanilla-noise")


@pytest.mark.parametrize(
    ("requested", "examples"), [({"steps": 3}, 3 * 32), ({"epochs": 1.5}, 96), ({"examples": 70}, 70)]
)
def test_a_session_trains_to_the_requested_horizon(requested: dict[str, float], examples: int, tmp_path: Path) -> None:
    with open_session(configured(data=pictures(64), **requested), tmp_path) as trainer:
        assert trainer.horizon.examples == trainer.horizon.planned == examples
        assert not trainer.finished


def test_an_opened_session_writes_nothing_and_locks_its_folder(tmp_path: Path) -> None:
    config = configured(data=pictures(64), examples=64)
    with open_session(config, tmp_path / "run"):
        assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]
        with pytest.raises(UserError, match="Another process is training into"), open_session(config, tmp_path / "run"):
            pass
    with open_session(config, tmp_path / "run") as trainer:
        assert trainer.clock.examples == 0


def test_a_session_continues_where_the_folder_stands(trained: Path) -> None:
    with open_session(configured(examples=160), trained) as trainer:
        assert (trainer.clock.examples, trainer.horizon.examples) == (128, 160)
        assert not trainer.finished
        saved = checkpoint.load(trained / "checkpoint" / "00000128")
        for name, player in trainer.recipe.game.players.items():
            assert all(torch.equal(value, saved.weights[f"{name}.{key}"]) for key, value in player.weights().items())
        assert trainer.stopwatch.before == saved.state["callbacks"]["stopwatch"]["seconds"] > 0


@pytest.mark.parametrize(("requested", "examples"), [({}, 128), ({"examples": 128}, 128), ({"steps": 5}, 160)])
def test_a_run_may_be_extended(requested: dict[str, float], examples: int, trained: Path) -> None:
    config = configured(**requested)
    plan, _ = plan_run(prepare(config), resume_point(Run(trained), config), Stopwatch())
    assert plan.examples == examples


@pytest.mark.parametrize("requested", [{"examples": 64}, {"epochs": 0.01}, {"steps": 3}])
def test_a_run_is_never_shortened(requested: dict[str, float], trained: Path) -> None:
    config = configured(**requested)
    with pytest.raises(UserError, match="The run has trained on 128 examples already, more than the "):
        plan_run(prepare(config), resume_point(Run(trained), config), Stopwatch())


def test_a_finished_run_is_opened_as_finished(trained: Path) -> None:
    with open_session(configured(), trained) as trainer:
        assert trainer.finished


def test_memory_that_runs_out_while_a_session_is_prepared_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(config: object) -> None:
        raise MemoryError

    monkeypatch.setattr(session, "prepare", refuse)
    config = configured(data=pictures(64))
    with pytest.raises(UserError, match=r"^Out of memory: "), open_session(config, tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()


# -- minutes


def test_minutes_are_planned_by_the_profile_and_the_seconds_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    profiled_as(0.01, monkeypatch)
    monkeypatch.setattr(Stopwatch, "seconds", property(lambda self: self.before))
    prepared = prepare(configured(data=pictures(64), minutes=1))
    plan, mode = plan_run(prepared, ResumePoint(), Stopwatch(before=10.0))
    assert plan.examples == pytest.approx(50 / 0.01, abs=32)
    assert plan.unit_costs == least(examples=(0.01,))
    assert mode is EAGER


def test_minutes_are_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    profiled_as(0.01, monkeypatch)
    prepared = prepare(configured(data=pictures(64), minutes=1))
    plan, _ = plan_run(prepared, ResumePoint(), Stopwatch())
    monkeypatch.setattr(session, "profile", lambda *_: pytest.fail("this run is planned"))
    resume = ResumePoint({"horizon": plan.to_dict()})
    assert plan_run(prepared, resume, Stopwatch()) == (plan, None)


def test_a_plan_in_examples_is_not_profiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "profile", lambda *_: pytest.fail("no time was requested"))
    plan, mode = plan_run(prepare(configured(data=pictures(64), steps=2)), ResumePoint(), Stopwatch())
    assert (plan.examples, mode) == (64, None)
    assert plan.requested.steps == 2


# -- trials


def test_a_trial_trains_without_an_end_in_a_folder_that_is_deleted() -> None:
    prepared = prepare(configured(data=pictures(64), examples=64, log_every=1))
    with trial(prepared, EAGER) as trainer:
        folder = trainer.run.path
        assert folder.is_dir()
        assert trainer.recipe is prepared.recipe
        trainer.clock.examples = 10**15
        assert not trainer.finished
        assert not trainer.callbacks.log.every.due(0, 10**15)
    assert not folder.exists()
