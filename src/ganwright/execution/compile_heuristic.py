"""Estimates, without importing the compiler, whether compilation makes a run faster."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from functools import partial
from statistics import mean

from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import StepFunction
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.eager import eager_step
from ganwright.execution.operations import counted
from ganwright.execution.time_limit import can_be_set

MIN_STEPS = 25_000  # of each kind: an operation takes 0.06 s to compile and saves 5e-6 s per step; twice that number
MIN_SECONDS = 180.0  # of eager training, of which a fifth may be used for compilation
OVERHEAD = 5e-6  # seconds of Python and torch per operation, approximately
MIN_OVERHEAD_SHARE = 0.04  # of an eager step; compilation also fuses loops and removes duplicate computations
MAX_STEPS_COUNTED = 16  # whose operations are counted
SPEED_SECONDS = 0.3  # of a speed measurement
NO_HORIZON = 2**62  # examples


def long_enough(steps: float, seconds: float | None) -> bool:
    """Whether a run of `steps`, or of `seconds` if it has a time budget, is long enough for compilation."""
    return steps >= MIN_STEPS if seconds is None else seconds >= MIN_SECONDS


def obstacle(machine: Machine) -> str:
    """Why steps cannot be compiled here; an empty string if they can."""
    if not machine.single_cpu_process:
        return "compilation supports only a single process on a CPU"
    if not can_be_set():
        return "compilation needs a timer signal, in the main thread"
    compiler = os.environ.get("CXX", "clang++" if sys.platform == "darwin" else "g++")
    return "" if shutil.which(compiler) else f"there is no C++ compiler ({compiler})"


def is_promising(recipe: Recipe, feed: Feed, eager: float, seconds: float) -> bool:
    """Whether compilation is likely to pay off in a run of `seconds`.

    The recipe is a copy that is discarded; eager steps read `eager` examples per second. Compilation saves the overhead
    of operations: nearly all of the time for a network of ten neurons, little for a convolutional network.
    """
    step_seconds = recipe.order.batch / eager
    if seconds < MIN_SECONDS or seconds < MIN_STEPS * step_seconds:
        return False
    operations = _operations(recipe, feed)
    overhead = mean(operations.values()) * OVERHEAD
    return overhead >= MIN_OVERHEAD_SHARE * step_seconds and seconds >= MIN_STEPS * len(operations) * step_seconds


def _operations(recipe: Recipe, feed: Feed) -> dict[tuple[int, ...], int]:
    """The number of operations in an eager step of the last stage, by the places of the turns that are due."""
    stage, clock = recipe.stages[-1], Clock(stage=len(recipe.stages) - 1)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(min(math.lcm(*(turn.every for turn in stage.turns)), MAX_STEPS_COUNTED)):
        due = tuple(place for place, _ in stage.turns_at(clock.step))
        observed = counted(partial(eager_step, recipe.game, stage, clock, feed, NO_HORIZON))
        assert observed is not None
        counts[due] = observed.operations
    return counts


def speed(recipe: Recipe, feed: Feed, steps: StepFunction = eager_step, measured: float = SPEED_SECONDS) -> float:
    """Examples per second of a recipe that is discarded, measured for `measured` seconds after a shorter warm-up."""
    clock = Clock(stage=len(recipe.stages) - 1)
    _play_for(measured / 4, recipe, clock, feed, steps)
    began, examples = time.perf_counter(), clock.examples
    _play_for(measured, recipe, clock, feed, steps)
    return (clock.examples - examples) / (time.perf_counter() - began)


def _play_for(seconds: float, recipe: Recipe, clock: Clock, feed: Feed, steps: StepFunction) -> None:
    """Plays steps for `seconds`, with at least one call."""
    end = time.perf_counter() + seconds
    while True:
        steps(recipe.game, recipe.stages[clock.stage], clock, feed, NO_HORIZON)
        if time.perf_counter() >= end:
            return
