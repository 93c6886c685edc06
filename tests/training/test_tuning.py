"""Tuning: requested and recorded threads and execution modes take precedence over measurements."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from conftest import pictures
from ganwright.core.recipe import Recipe
from ganwright.execution import compilation, compile_heuristic, threads
from ganwright.execution.mode import EAGER, ExecutionMode
from ganwright.execution.protocols import MakeTrial
from ganwright.training.preparation import PreparedRun, ResumePoint, prepare
from ganwright.training.tuning import choose_execution_mode, requested_examples, requested_seconds, set_threads
from training.sessions import configured, go

COMPILED = ExecutionMode(notes=("a substitute for compiled steps",))


@pytest.fixture(autouse=True)
def _restored_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def prepared() -> PreparedRun:
    return prepare(configured(data=pictures(64)))


def on(prepared: PreparedRun, **hardware: Any) -> PreparedRun:
    """The same run with other hardware options."""
    return replace(prepared, config=replace(prepared.config, hardware=replace(prepared.config.hardware, **hardware)))


def resumed(per_call: int | None = None, count: int = 1) -> ResumePoint:
    """A run that has used `count` threads and `per_call` compiled steps per call."""
    return ResumePoint({"machine": {"threads": count, "compiled_steps_per_call": per_call}})


def unmeasured(*arguments: object) -> Any:
    pytest.fail("nothing is measured here")


# -- what was requested


@pytest.mark.parametrize(
    ("requested", "examples"),
    [({"examples": 7}, 7), ({"steps": 3}, 3 * 32), ({"epochs": 2}, 2 * 64), ({"epochs": 0.25}, 16), ({}, 400_000)],
)
def test_steps_and_epochs_are_converted_to_examples(requested: dict[str, float], examples: int) -> None:
    assert requested_examples(prepare(configured(data=pictures(64), **requested))) == examples


def test_minutes_are_converted_to_seconds() -> None:
    assert requested_seconds(configured(data=pictures(64), minutes=1.5)) == 90
    assert requested_seconds(configured(data=pictures(64), steps=3)) is None


# -- threads


def test_requested_threads_are_used_also_when_a_run_resumes(
    prepared: PreparedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "choose", unmeasured)
    set_threads(on(prepared, threads=2), resumed(count=1))
    assert torch.get_num_threads() == 2


def test_a_resumed_run_uses_its_recorded_threads(prepared: PreparedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "choose", unmeasured)
    set_threads(prepared, resumed(count=2))
    assert torch.get_num_threads() == 2


def test_a_new_run_measures_threads_on_a_copy_of_its_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared, measured = prepare(configured(data=pictures(64), steps=5)), []

    def choose(make: MakeTrial, steps: float, seconds: float | None) -> int:
        measured.append((make()[0], steps, seconds))
        return 2

    monkeypatch.setattr(threads, "choose", choose)
    set_threads(prepared, ResumePoint())
    assert torch.get_num_threads() == 2
    ((recipe, steps, seconds),) = measured
    assert isinstance(recipe, Recipe)
    assert recipe.game is not prepared.recipe.game
    assert (steps, seconds) == (5, None)


# -- the execution mode


class Compiler:
    """Records the arguments of compilation, which would take minutes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, promising: bool = True) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.said: list[str] = []
        monkeypatch.setattr(compilation, "compile_steps", lambda make, *given: self.record("always", *given))
        monkeypatch.setattr(compilation, "fastest_mode", lambda make, *given: self.record("if faster", *given))
        monkeypatch.setattr(compile_heuristic, "long_enough", lambda *_: True)
        monkeypatch.setattr(compile_heuristic, "obstacle", lambda *_: "")
        monkeypatch.setattr(compile_heuristic, "speed", lambda *_: 100.0)
        monkeypatch.setattr(compile_heuristic, "is_promising", lambda *_: promising)
        monkeypatch.setenv("OMP_NUM_THREADS", "6")

    def record(self, *arguments: Any) -> ExecutionMode:
        assert self.said.pop() == "Compiling the training step (1-2 min). Disable with --compile off."
        self.calls.append(arguments)
        return COMPILED

    def chosen(self, prepared: PreparedRun, resume: ResumePoint, seconds: float | None = None) -> ExecutionMode:
        """The mode for 1,000 steps of 32 examples, or for `seconds`."""
        return choose_execution_mode(prepared, resume, 1_000, seconds, self.said.append)


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Compiler:
    return Compiler(monkeypatch)


@pytest.mark.parametrize("resume", [ResumePoint(), resumed(4)])
def test_off_executes_steps_eagerly(resume: ResumePoint, prepared: PreparedRun, compiler: Compiler) -> None:
    assert compiler.chosen(on(prepared, compile="off"), resume) is EAGER
    assert (compiler.calls, compiler.said) == ([], [])


@pytest.mark.parametrize("wish", [None, "auto"])
def test_a_resumed_eager_run_stays_eager_without_a_measurement(
    wish: str | None, prepared: PreparedRun, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_heuristic, "speed", unmeasured)
    assert compiler.chosen(on(prepared, compile=wish), resumed()) is EAGER
    assert compiler.calls == []


@pytest.mark.parametrize("wish", [None, "auto", "on"])
def test_a_resumed_compiled_run_is_compiled_for_calls_of_equal_length(
    wish: str | None, prepared: PreparedRun, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_heuristic, "speed", unmeasured)
    assert compiler.chosen(on(prepared, compile=wish), resumed(4)) is COMPILED
    assert compiler.calls == [("always", 4, None, 0)]


def test_on_compiles_whether_it_pays_or_not(
    prepared: PreparedRun, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_heuristic, "speed", unmeasured)
    assert compiler.chosen(on(prepared, compile="on"), ResumePoint()) is COMPILED
    assert compiler.calls == [("always", None, None, 6)]


def test_a_promising_new_run_is_compiled_if_that_is_measured_to_be_faster(
    prepared: PreparedRun, compiler: Compiler
) -> None:
    assert compiler.chosen(prepared, ResumePoint()) is COMPILED
    assert compiler.chosen(prepared, ResumePoint(), seconds=60.0) is COMPILED
    assert compiler.calls == [("if faster", 100.0, 1_000 * 32 / 100, 6), ("if faster", 100.0, 60.0, 6)]


def test_requested_threads_are_not_raised_by_compilation(prepared: PreparedRun, compiler: Compiler) -> None:
    compiler.chosen(on(prepared, threads=1), ResumePoint())
    assert compiler.calls == [("if faster", 100.0, 320.0, 0)]


def test_a_run_that_is_not_promising_stays_eager(prepared: PreparedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = Compiler(monkeypatch, promising=False)
    assert compiler.chosen(prepared, ResumePoint()) is EAGER
    assert (compiler.calls, compiler.said) == ([], [])


def test_a_short_run_is_trained_eagerly_by_default(tmp_path: Path) -> None:
    run = go(tmp_path, examples=32, sample_every=32, compile="auto")
    assert run.settings["machine"]["compiled_steps_per_call"] is None
