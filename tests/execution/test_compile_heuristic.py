"""The compile heuristic, which does not import torch's compiler."""

import subprocess
import sys

import pytest
import torch

import ganwright
from conftest import SMALL, points
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution import compile_heuristic
from ganwright.recipes import curve

MACHINE = Machine(torch.device("cpu"))
PROGRAM = """
import sys
import torch
from ganwright.execution import compile_heuristic, compiler_free
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.data import curve as data
from ganwright.recipes import curve
compiler_free.avoid_import()
recipe = curve.as_source(data.load())
for player in recipe.game.players.values():
    compiler_free.use_plain_step(player.optimizer)
feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))
assert compile_heuristic.is_promising(recipe, feed, compile_heuristic.speed(recipe, feed, measured=0.01), 1e9)
raise SystemExit(bool({"torch._dynamo", "torch._inductor", "ganwright.execution.graph_capture"} & sys.modules.keys()))
"""


def built() -> tuple[Recipe, Feed]:
    recipe = curve.as_source(points())
    return recipe, Feed(recipe.data, recipe.order, 0, MACHINE)


@pytest.mark.parametrize(
    ("step_seconds", "seconds", "expected"),
    [
        (1e-3, 1e4, True),
        (1e-3, 20.0, False),  # too few steps, and too short
        (1e-2, 100.0, False),  # too few steps
        (10.0, 1e9, False),  # negligible overhead
    ],
)
def test_long_runs_of_short_steps_are_promising(step_seconds: float, seconds: float, expected: bool) -> None:
    recipe, feed = built()
    assert compile_heuristic.is_promising(recipe, feed, recipe.order.batch / step_seconds, seconds) is expected


def test_compilation_needs_a_long_run_a_compiler_and_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", sys.executable)  # any program that exists
    assert compile_heuristic.long_enough(1e6, None)
    assert compile_heuristic.long_enough(0, 300.0)
    assert not compile_heuristic.long_enough(1e3, None)
    assert not compile_heuristic.long_enough(0, 10.0)
    assert compile_heuristic.obstacle(MACHINE) == ""
    assert "single process on a CPU" in compile_heuristic.obstacle(Machine(torch.device("meta")))
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert compile_heuristic.obstacle(MACHINE) == "there is no C++ compiler (no-such-compiler)"


def test_without_a_compiler_a_promising_run_is_eager_and_says_so(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    monkeypatch.setattr(compile_heuristic, "is_promising", lambda *_: True)
    monkeypatch.setattr(compile_heuristic, "MIN_STEPS", 1)
    run = ganwright.train("vanilla", "digits", tmp_path, examples=64, **SMALL | {"quiet": False})
    assert run.settings["machine"]["compiled_steps_per_call"] is None
    sentence = "Steps are not compiled: there is no C++ compiler (no-such-compiler)."
    assert sentence in capsys.readouterr().out
    assert run.log()[0]["notes"] == [sentence]


def test_the_heuristic_does_not_import_the_compiler() -> None:
    assert subprocess.run([sys.executable, "-c", PROGRAM], timeout=60).returncode == 0
