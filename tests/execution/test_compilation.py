"""The choice between compiled and eager steps, with a simulated compiler."""

from collections.abc import Iterator

import pytest
import torch

from conftest import points
from ganwright.core.feed import Feed
from ganwright.core.loop import eager_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution import compilation
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.mode import EAGER, ExecutionMode
from ganwright.execution.recorder import CaptureError
from ganwright.recipes import curve

FAST = ExecutionMode(CompiledSteps({}, 0, 1))


def built() -> tuple[Recipe, Feed]:
    recipe = curve.as_source(points())
    return recipe, Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(1)


def simulate_compiler(monkeypatch: pytest.MonkeyPatch, speeds: dict[int, float]) -> None:
    """Compiled steps with `speeds` in examples per second, by the number of threads; an error for other numbers."""

    def compiled(*_: object) -> tuple[ExecutionMode, float]:
        if torch.get_num_threads() not in speeds:
            raise CaptureError("time limit")
        return FAST, speeds[torch.get_num_threads()]

    monkeypatch.setattr(compilation, "_graphs", lambda *_: {})
    monkeypatch.setattr(compilation, "_compiled", compiled)


@pytest.mark.parametrize(
    ("speeds", "max_threads", "expected"),
    [
        ({1: 1_000.0, 2: 1_500.0}, 2, 2),
        ({1: 1_000.0, 2: 1_100.0}, 2, 1),  # too small a speedup
        ({1: 1_000.0, 2: 1_500.0}, 1, 1),  # not allowed
        ({1: 1_000.0}, 2, 1),  # fails with two threads
        ({1: 1e6, 2: 2e6}, 2, 1),  # steps of 32 microseconds: not tried
    ],
)
def test_more_threads_are_used_if_they_are_faster(
    speeds: dict[int, float], max_threads: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate_compiler(monkeypatch, speeds)
    assert compilation.compile_steps(built, None, None, max_threads) is FAST
    assert torch.get_num_threads() == expected


@pytest.mark.parametrize(("speed", "expected"), [(2_000.0, FAST), (1_050.0, EAGER)])
def test_compiled_steps_must_be_faster_than_eager_ones(
    speed: float, expected: ExecutionMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate_compiler(monkeypatch, {1: 1_000.0, 2: 1_500.0})
    monkeypatch.setattr(compilation, "speed", lambda recipe, feed, steps=eager_step: speed)
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 2) == expected
    assert torch.get_num_threads() == (2 if expected is FAST else 1)


def test_a_failure_is_reported_only_if_it_took_time(monkeypatch: pytest.MonkeyPatch) -> None:
    simulate_compiler(monkeypatch, {})
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 1) == EAGER
    monkeypatch.setattr(compilation, "REPORT_SECONDS", -1.0)
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 1).reason == "time limit"
