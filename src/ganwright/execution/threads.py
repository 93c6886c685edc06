"""How many processor threads a run uses: tried once, before its first step, where the run is long enough to gain."""

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

DEFAULT = 1
MIN_STEPS = 1_000  # of a run that is tried
MIN_SECONDS = 60.0  # seconds: a run that one thread plays in less is not tried any further
BLOCK = 0.1  # seconds that are measured at least, with each number of threads, twice
GAIN = 1.15  # times quicker, from which twice the threads pay: others may want the second core

Trial = Callable[[], tuple[Recipe, Feed]]


def choose(trial: Trial, steps: float, seconds: float | None) -> int:
    """Threads for a run of so many rounds, or of so many seconds where it was asked for by time.

    OMP_NUM_THREADS, where it is set, decides (torchrun sets it); otherwise numbers from 1 to the cores are tried,
    each twice the one before, as long as they gain. `trial` makes a recipe that is thrown away.
    """
    if (number := from_environment()) is not None:
        return number
    if ranks.size() > 1 or cores() == 1 or (steps < MIN_STEPS and seconds is None):
        return DEFAULT
    recipe, feed = trial()
    if feed.machine.device.type != "cpu":
        return DEFAULT
    found = fastest(lambda threads, count: time_steps(recipe, feed, threads, count), steps, seconds)
    torch.set_num_threads(found)
    return found


def from_environment() -> int | None:
    """What OMP_NUM_THREADS says."""
    word = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    return int(word) if word.isdecimal() and int(word) > 0 else None


def fastest(play: Callable[[int, int], float], steps: float, seconds: float | None) -> int:
    """The number of threads that `play(threads, count)`, the seconds of so many rounds, speaks for."""
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
    """Seconds of the first `count` rounds with so many threads, after one that is not counted."""
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
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
