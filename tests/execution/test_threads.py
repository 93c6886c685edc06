"""The number of threads is autotuned once and recorded."""

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
    raise AssertionError("autotuned")


def trial(scale: dict[int, float], once: float = 0.01):
    """A simulated `play`: steps of `once` seconds with one thread, scaled by `scale` with more."""
    played: list[int] = []

    def play(count: int, steps: int) -> float:
        played.append(count)
        return once * steps * scale[count]

    return play, played


@pytest.mark.parametrize(("value", "expected"), [("3", 3), ("2,1", 2)])
def test_the_environment_takes_precedence(value: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert threads.choose(never, 1e9, None) == expected


def test_short_runs_and_single_cores_are_not_autotuned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "cores", lambda: 2)
    assert threads.choose(never, 999, None) == 1
    monkeypatch.setattr(threads, "cores", lambda: 1)
    assert threads.choose(never, 1e9, None) == 1


@pytest.mark.parametrize(
    ("scale", "cores", "expected"),
    [
        ({1: 1.0, 2: 0.6}, 2, 2),
        ({1: 1.0, 2: 0.9}, 2, 1),
        ({1: 1.0, 2: 3.0}, 2, 1),
        ({1: 1.0, 2: 0.6, 4: 0.4, 8: 0.39}, 8, 4),
        ({1: 1.0, 2: 0.6, 4: 0.4}, 6, 4),
    ],
)
def test_the_number_is_doubled_while_it_is_faster(
    scale: dict[int, float], cores: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    assert threads.fastest(trial(scale)[0], 1e5, None) == expected


def test_runs_under_a_minute_use_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    for steps, seconds in ((5_000.0, None), (1e9, 59.0)):
        play, played = trial({1: 1.0, 2: 0.5})
        assert threads.fastest(play, steps, seconds) == 1
        assert set(played) == {1}
    assert threads.fastest(trial({1: 1.0, 2: 0.5})[0], 5.0, 61.0) == 2


def test_autotuning_does_not_change_training_and_is_recorded(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trials use a separate copy of the recipe; a resumed run uses the recorded number."""
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(threads, "MIN_STEPS", 0)
    monkeypatch.setattr(threads, "MIN_SECONDS", 0.0)
    monkeypatch.setattr(threads, "BLOCK", 1e-3)
    monkeypatch.setattr(threads, "cores", lambda: 2)
    monkeypatch.setattr(threads, "GAIN", float("inf"))
    tuned = ganwright.train("vanilla", "digits", tmp_path / "tuned", examples=128, **SMALL)
    for one, other in zip(ganwright.open(trained).log(), tuned.log(), strict=True):
        assert one["terms"] == other["terms"]
    settings = json.loads((tmp_path / "tuned" / "recipe.json").read_text())
    assert settings["machine"]["threads"] == torch.get_num_threads() == 1
    monkeypatch.setattr(threads, "choose", lambda *arguments: pytest.fail("autotuned again"))
    ganwright.train("vanilla", "digits", tmp_path / "tuned", examples=128, **SMALL)


def test_timed_steps_start_at_step_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same turns are due for every number of threads."""
    steps: list[int] = []
    monkeypatch.setattr(threads, "play_step", lambda game, stage, clock, feed, examples: steps.append(clock.step))

    class Parts:
        game, stages = None, (None,)

        def size(self, clock: Clock) -> int:
            return 1

    parts = Parts()
    threads.time_steps(parts, parts, 1, 3)  # type: ignore[arg-type]
    assert steps == [0, 0, 1, 2]
