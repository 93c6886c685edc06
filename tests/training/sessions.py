"""Short training sessions for the tests of this package."""

from pathlib import Path
from typing import Any

import pytest

import ganwright
from conftest import SMALL
from ganwright.callbacks.signals import SignalHandler
from ganwright.config.resolve import resolve
from ganwright.config.training_config import TrainingConfig
from ganwright.core.clock import Clock
from ganwright.core.errors import Stopped
from ganwright.runs import checkpoint
from ganwright.runs.run import Run

TIMES = ("seconds", "examples_per_second")


def go(out: Path, recipe: Any = "vanilla", data: Any = "digits", examples: int | None = 128, **given: Any) -> Run:
    return ganwright.train(recipe, data, out, examples=examples, **{**SMALL, **given})


def log(run: Run) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if name not in TIMES} for line in run.log()]


def state(run: Run) -> dict[str, bytes]:
    """The files of the last checkpoint that hold no time, and the sample grids."""
    newest = checkpoint.saved(run.checkpoints)[-1]
    return {path.name: path.read_bytes() for path in [*newest.glob("*.safetensors"), *run.sample_grids()]}


def stop_at(examples: int, monkeypatch: pytest.MonkeyPatch, error: type[BaseException] = Stopped) -> None:
    def observe(self: SignalHandler, clock: Clock, played: object) -> None:
        if clock.examples >= examples:
            raise error

    monkeypatch.setattr(SignalHandler, "__call__", observe)


def configured(recipe: Any = "vanilla", data: Any = "digits", **given: Any) -> TrainingConfig:
    """The configuration of a small run."""
    return resolve({"recipe": recipe, "data": data, **SMALL, **given})
