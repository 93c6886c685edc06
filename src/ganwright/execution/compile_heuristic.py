"""Whether compiling a run's rounds can pay for itself, by what is known without a compiler."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from statistics import mean
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import StepFunction, eager_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.time_limit import can_be_set

MIN_STEPS = 25_000  # of each kind: an operation takes 0.06 s to compile, gives back 5e-6 a round, and that twice
WORTH = 180.0  # seconds of plain rounds ahead, below which nothing is tried: a fifth of them must do for compiling
AROUND = 5e-6  # seconds that Python and torch spend around an operation of torch, roughly
LEAST = 0.04  # of a plain round must go there; what is computed twice, or in more loops than it takes, comes on top
MOST_COUNTED = 16  # rounds, whose operations are counted by kind
GLANCE_SECONDS = 0.3  # in which a speed is measured
ENDLESS = 2**62  # images


class _Counted(TorchDispatchMode):
    """Counts the operations of torch within it."""

    operations = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Or torch would import its compiler, to tell it to stay away."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.operations += 1
        return func(*args, **(kwargs or {}))


def possible(machine: Machine, steps: float, seconds: float | None) -> bool:
    """Whether the run is long enough, by its rounds or by the seconds it was given, and what compiling takes is here:
    one process on a processor, a timer to bound it by, a C++ compiler."""
    if steps < MIN_STEPS if seconds is None else seconds < WORTH:
        return False
    compiler = os.environ.get("CXX", "clang++" if sys.platform == "darwin" else "g++")
    here = machine.device.type == "cpu" and ranks.size() == 1
    return here and can_be_set() and shutil.which(compiler) is not None


def is_promising(recipe: Recipe, feed: Feed, plain: float, seconds: float) -> bool:
    """Whether compiling is worth a trial for the seconds that lie ahead.

    The recipe is thrown away; of its plain rounds so many images are seen a second. What compiling saves is what stands
    around the arithmetic: nearly everything for a network of ten neurons, next to nothing for a convolutional one.
    """
    a_round = recipe.order.batch / plain
    if seconds < WORTH or seconds < MIN_STEPS * a_round:
        return False
    operations = _operations(recipe, feed)
    around = mean(operations.values()) * AROUND
    return around >= LEAST * a_round and seconds >= MIN_STEPS * len(operations) * a_round


def _operations(recipe: Recipe, feed: Feed) -> dict[tuple[int, ...], int]:
    """Those of a plain round of the last stage, by the places of the turns that are due."""
    stage, clock = recipe.stages[-1], Clock(stage=len(recipe.stages) - 1)
    found: dict[tuple[int, ...], int] = {}
    for _ in range(min(math.lcm(*(turn.every for turn in stage.turns)), MOST_COUNTED)):
        due = tuple(place for place, _ in stage.turns_at(clock.step))
        with _Counted() as counted:
            eager_step(recipe.game, stage, clock, feed, ENDLESS)
        found[due] = counted.operations
    return found


def speed(recipe: Recipe, feed: Feed, steps: StepFunction = eager_step, measured: float = GLANCE_SECONDS) -> float:
    """Images per second of a recipe that is thrown away; takes so many seconds, and a quarter of them to warm up."""
    clock = Clock(stage=len(recipe.stages) - 1)
    _play_for(measured / 4, recipe, clock, feed, steps)
    began, examples = time.perf_counter(), clock.examples
    _play_for(measured, recipe, clock, feed, steps)
    return (clock.examples - examples) / (time.perf_counter() - began)


def _play_for(seconds: float, recipe: Recipe, clock: Clock, feed: Feed, steps: StepFunction) -> None:
    """At least one call of rounds."""
    end = time.perf_counter() + seconds
    while True:
        steps(recipe.game, recipe.stages[clock.stage], clock, feed, ENDLESS)
        if time.perf_counter() >= end:
            return
