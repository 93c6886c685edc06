"""The number of threads is tried once, where that can pay, and written down."""

import json
from pathlib import Path

import pytest
import torch

import ganwright
from conftest import SMALL
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.recipe import Recipe
from ganwright.execution import threads


def never() -> tuple[Recipe, Feed]:
    raise AssertionError("nothing was to be tried")


def trial(scale: dict[int, float], once: float = 0.01):
    """Rounds of `once` seconds with one thread, and of so many times that with more."""
    played: list[int] = []

    def play(count: int, steps: int) -> float:
        played.append(count)
        return once * steps * scale[count]

    return play, played


@pytest.mark.parametrize(("told", "found"), [("3", 3), ("2,1", 2)])
def test_the_environment_decides(told: str, found: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert threads.choose(never, 1e9, None) == found


def test_short_runs_and_single_cores_try_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "cores", lambda: 2)
    assert threads.choose(never, 999, None) == 1
    monkeypatch.setattr(threads, "cores", lambda: 1)
    assert threads.choose(never, 1e9, None) == 1


@pytest.mark.parametrize(
    ("scale", "cores", "found"),
    [
        ({1: 1.0, 2: 0.6}, 2, 2),
        ({1: 1.0, 2: 0.9}, 2, 1),
        ({1: 1.0, 2: 3.0}, 2, 1),
        ({1: 1.0, 2: 0.6, 4: 0.4, 8: 0.39}, 8, 4),
        ({1: 1.0, 2: 0.6, 4: 0.4}, 6, 4),
    ],
)
def test_as_many_as_gain(scale: dict[int, float], cores: int, found: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    assert threads.fastest(trial(scale)[0], 1e5, None) == found


def test_a_run_of_less_than_a_minute_tries_one_thread_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    for steps, seconds in ((5_000.0, None), (1e9, 59.0)):
        play, played = trial({1: 1.0, 2: 0.5})
        assert threads.fastest(play, steps, seconds) == 1
        assert set(played) == {1}
    assert threads.fastest(trial({1: 1.0, 2: 0.5})[0], 5.0, 61.0) == 2


def test_the_trial_leaves_no_trace(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds of a trial are those of a recipe of its own; what it found is written down and used again."""
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(threads, "MIN_STEPS", 0)
    monkeypatch.setattr(threads, "MIN_SECONDS", 0.0)
    monkeypatch.setattr(threads, "BLOCK", 1e-3)
    monkeypatch.setattr(threads, "cores", lambda: 2)
    monkeypatch.setattr(threads, "GAIN", float("inf"))
    tried = ganwright.train("vanilla", "digits", tmp_path / "tried", examples=128, **SMALL)
    for one, other in zip(ganwright.open(trained).log(), tried.log(), strict=True):
        assert one["terms"] == other["terms"]
    settings = json.loads((tmp_path / "tried" / "recipe.json").read_text())
    assert settings["machine"]["threads"] == torch.get_num_threads() == 1
    monkeypatch.setattr(threads, "choose", lambda *asked: pytest.fail("tried again"))
    ganwright.train("vanilla", "digits", tmp_path / "tried", examples=128, **SMALL)


def test_timed_rounds_begin_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lazy turns are due in the same rounds for every number of threads."""
    steps: list[int] = []
    monkeypatch.setattr(threads, "play_step", lambda game, stage, clock, feed, examples: steps.append(clock.step))

    class Parts:
        game, stages = None, (None,)

        def size(self, clock: Clock) -> int:
            return 1

    parts = Parts()
    threads.time_steps(parts, parts, 1, 3)  # type: ignore[arg-type]
    assert steps == [0, 0, 1, 2]
