"""How compiled rounds are chosen; nothing is compiled here, that is tried in tests/core/test_compiler.py."""

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


def compiling(monkeypatch: pytest.MonkeyPatch, speeds: dict[int, float]) -> None:
    """Compiled rounds of so many images a second with so many threads, and a refusal with others."""

    def compiled(*_: object) -> tuple[ExecutionMode, float]:
        if torch.get_num_threads() not in speeds:
            raise CaptureError("too late")
        return FAST, speeds[torch.get_num_threads()]

    monkeypatch.setattr(compilation, "_graphs", lambda *_: {})
    monkeypatch.setattr(compilation, "_compiled", compiled)


@pytest.mark.parametrize(
    ("speeds", "most", "found"),
    [
        ({1: 1_000.0, 2: 1_500.0}, 2, 2),
        ({1: 1_000.0, 2: 1_100.0}, 2, 1),  # not worth another core
        ({1: 1_000.0, 2: 1_500.0}, 1, 1),  # not allowed
        ({1: 1_000.0}, 2, 1),  # refused
        ({1: 1e6, 2: 2e6}, 2, 1),  # rounds of 32 microseconds: not tried
    ],
)
def test_more_threads_are_taken_where_they_gain(
    speeds: dict[int, float], most: int, found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling(monkeypatch, speeds)
    assert compilation.compile_steps(built, None, None, most) is FAST
    assert torch.get_num_threads() == found


@pytest.mark.parametrize(("fast", "found"), [(2_000.0, FAST), (1_050.0, EAGER)])
def test_compiled_rounds_must_be_clearly_faster(
    fast: float, found: ExecutionMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling(monkeypatch, {1: 1_000.0, 2: 1_500.0})
    monkeypatch.setattr(compilation, "speed", lambda recipe, feed, steps=eager_step: fast)
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 2) == found
    assert torch.get_num_threads() == (2 if found is FAST else 1)


def test_a_refusal_at_once_says_nothing_and_one_that_took_its_time_does(monkeypatch: pytest.MonkeyPatch) -> None:
    compiling(monkeypatch, {})
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 1) == EAGER
    monkeypatch.setattr(compilation, "NOTICED", 0.0)
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 1).reason == "too late"
