"""The number of CPU threads: autotuned once, before the first step of a sufficiently long run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.recipe import Recipe
from ganwright.execution.protocols import MakeTrial

DEFAULT = 1
MIN_STEPS = 1_000  # of an autotuned run
MIN_SECONDS = 60.0  # of an autotuned run, with one thread
BLOCK = 0.1  # seconds per measurement, at least
GAIN = 1.15  # speedup for which twice the threads are used: other processes may need the cores


def choose(make: MakeTrial, steps: float, seconds: float | None) -> int:
    """The number of threads for a run of `steps`, or of `seconds` if it has a time budget.

    OMP_NUM_THREADS (set by torchrun) takes precedence; otherwise the number is doubled, up to the number of cores,
    while this makes steps faster.
    """
    if (number := from_environment()) is not None:
        return number
    if ranks.size() > 1 or cores() == 1 or (steps < MIN_STEPS and seconds is None):
        return DEFAULT
    recipe, feed = make()
    if feed.machine.device.type != "cpu":
        return DEFAULT
    count = fastest(lambda threads, steps: time_steps(recipe, feed, threads, steps), steps, seconds)
    torch.set_num_threads(count)
    return count


def from_environment() -> int | None:
    """The value of OMP_NUM_THREADS, if it is set."""
    word = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    return int(word) if word.isdecimal() and int(word) > 0 else None


def fastest(play: Callable[[int, int], float], steps: float, seconds: float | None) -> int:
    """The fastest number of threads; `play(threads, count)` returns the seconds of `count` steps."""
    once = play(DEFAULT, 1)
    count = max(round(BLOCK / once), 1)
    best, best_time = DEFAULT, play(DEFAULT, count)
    if (best_time / count * steps if seconds is None else seconds) < MIN_SECONDS:
        return DEFAULT
    while 2 * best <= cores():
        times = [(play(2 * best, count), play(best, count)) for _ in range(2)]
        time_of_more, best_time = (min(column) for column in zip(*times, strict=True))
        if best_time < GAIN * time_of_more:
            return best
        best *= 2
    return best


def time_steps(recipe: Recipe, feed: Feed, threads: int, count: int) -> float:
    """Seconds of the first `count` steps with `threads` threads, after one warm-up step."""
    torch.set_num_threads(threads)
    clock, began = Clock(), 0.0
    for step in range(count + 1):
        if step == 1:
            clock, began = Clock(), time.perf_counter()
        size = feed.size(clock)
        play_step(recipe.game, recipe.stages[-1], clock, feed, clock.examples + size)
        clock.tick(size)
    return time.perf_counter() - began


def cores() -> int:
    """The number of cores available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
