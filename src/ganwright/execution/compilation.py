"""Compiles the rounds of a run, before its first step, on a recipe that is thrown away.

How long it may take is known before: whatever isn't ready then is given up, and rounds are played plainly.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import eager_step
from ganwright.core.recipe import Recipe
from ganwright.execution.compile_heuristic import speed
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.compiler import compiled
from ganwright.execution.graph_capture import CapturedGraph, StepKind, capture_step, state
from ganwright.execution.mode import EAGER, ExecutionMode
from ganwright.execution.recorder import CaptureError
from ganwright.execution.threads import GAIN
from ganwright.execution.time_limit import TimeLimitExceeded, can_be_set, within

SHARE = 0.2  # of the seconds that lie ahead may go into compiling,
MAX_SECONDS = 60.0  # and no more than these
CLEARLY = 1.1  # times as fast as plain rounds compiled ones must be, measured
NOTICED = 5.0  # seconds that were lost, from which it is said why
CALL_SECONDS = 0.03  # about so long a call takes: observers and Ctrl-C wait for its end
MAX_STEPS_PER_CALL = 256
MAX_BYTES_PER_CALL = 2**26  # of real samples that are gathered for a call
LONG_ROUND = 1e-3  # seconds of a compiled round, from which it is tried with more threads, too
RARE = 0.01  # of all rounds: such a kind is played plainly
LOOKED_AHEAD = 2_000  # rounds, in search of their kinds
AGREEMENT = 0.02  # of what a round changes, in which graph and plain round may differ,
ROUNDING = 1e-6  # besides so much of what is there
SPAN = 10_000_000  # images: the length of a stage that is tried at several places

Make = Callable[[], tuple[Recipe, Feed]]


def fastest_mode(make: Make, plain: float, seconds: float, threads: int) -> ExecutionMode:
    """Compiled rounds where they are clearly faster than plain ones, of which `plain` images are seen a second.

    So many seconds lie ahead; `make` gives a recipe that is thrown away, and its feed. What failed at once is not said.
    """
    began, few = time.monotonic(), torch.get_num_threads()
    mode = compile_steps(make, None, seconds, threads)
    if mode.calls is not None and speed(*make(), mode.calls) > CLEARLY * plain:
        return mode
    torch.set_num_threads(few)
    return ExecutionMode(reason=mode.reason or "they gain too little") if time.monotonic() - began > NOTICED else EAGER


def compile_steps(make: Make, per_call: int | None, seconds: float | None, threads: int) -> ExecutionMode:
    """Compiled rounds, so many a call (None: as many as seem right), or plain ones with the reason.

    Where a round is long, twice as many threads as torch has now are tried, too, if `threads` are that many; torch has
    the quicker number afterwards.
    """
    try:
        recipe, feed = make()
        _refuse_elsewhere(feed)
        with _bounded(seconds):
            graphs = _graphs(recipe, feed)
            mode, found = _compiled(recipe, feed, graphs, per_call)
    except CaptureError as error:
        return ExecutionMode(reason=str(error))
    few = torch.get_num_threads()
    if 2 * few > threads or recipe.order.batch / found < LONG_ROUND:
        return mode
    torch.set_num_threads(2 * few)  # the loops of compiled code have so many, too
    with suppress(CaptureError), _bounded(seconds):
        more, found_more = _compiled(recipe, feed, graphs, per_call)
        if found_more > GAIN * found:
            return more
    torch.set_num_threads(few)
    return mode


@contextmanager
def _bounded(ahead: float | None) -> Iterator[None]:
    """A RefusedError when its body takes more than its share of so many seconds ahead (None: unknown)."""
    if not can_be_set():
        raise CaptureError("here is no timer to bound it by")
    seconds = MAX_SECONDS if ahead is None else min(SHARE * ahead, MAX_SECONDS)
    try:
        with within(seconds):
            yield
    except TimeLimitExceeded:
        raise CaptureError(f"that was not done in {seconds:.0f} s, which is as long as it may take") from None


def _refuse_elsewhere(feed: Feed) -> None:
    if feed.machine.device.type != "cpu" or ranks.size() > 1:
        raise CaptureError("that is for one process without a GPU")


def _graphs(recipe: Recipe, feed: Feed) -> dict[StepKind, CapturedGraph]:
    return {
        kind: capture_step(recipe.game, recipe.stages[-1], clock, feed) for kind, clock in kinds(recipe, feed).items()
    }


def kinds(recipe: Recipe, feed: Feed) -> dict[StepKind, Clock]:
    """The kinds of rounds of the last stage that are not rare, each with a clock that stands before one of them."""
    stage, clock = recipe.stages[-1], Clock(stage=len(recipe.stages) - 1)
    found: dict[StepKind, Clock] = {}
    counts: Counter[StepKind] = Counter()
    steps = max(feed.total // recipe.order.batch + 1, 4 * max(turn.every for turn in stage.turns))
    for _ in range(min(steps, LOOKED_AHEAD)):
        kind = StepKind.at(clock, stage, feed)
        counts[kind] += 1
        found.setdefault(kind, replace(clock))
        clock.tick(kind.size)
    return {kind: clock for kind, clock in found.items() if counts[kind] >= RARE * counts.total()}


def _compiled(
    recipe: Recipe, feed: Feed, graphs: Mapping[StepKind, CapturedGraph], per_call: int | None
) -> tuple[ExecutionMode, float]:
    """Compiled, compared with plain rounds, and measured: images a second."""
    place = len(recipe.stages) - 1
    bytes_a_round = recipe.order.batch * math.prod(recipe.data.domain.shape) * feed.machine.dtype.itemsize
    most = max(min(MAX_STEPS_PER_CALL, MAX_BYTES_PER_CALL // bytes_a_round), 1)
    fast = CompiledSteps({kind: compiled(graph) for kind, graph in graphs.items()}, place, per_call or most)
    try:
        for clock in kinds(recipe, feed).values():
            _compare(recipe, feed, replace(fast, per_call=1), clock)
        examples_per_second = speed(recipe, feed, fast)
    except RuntimeError as error:
        raise CaptureError(str(error)) from error
    steps = CALL_SECONDS * examples_per_second / recipe.order.batch
    per_call = per_call or min(max(1 << int(steps).bit_length() >> 1, 1), most)
    return ExecutionMode(replace(fast, per_call=per_call)), examples_per_second


def _compare(recipe: Recipe, feed: Feed, fast: CompiledSteps, clock: Clock) -> None:
    """A RefusedError where graph and plain round part, at the begin, in the middle, and near the end of a stage.

    Whatever a round takes from where the trace could not see it would differ here.
    """
    game, stage = recipe.game, recipe.stages[-1]
    period = math.lcm(*(turn.every for turn in stage.turns))
    for n, progress in enumerate((0.0, 0.5, 0.98), start=1):
        began = clock.examples - round(progress * SPAN)
        there = replace(clock, step=clock.step + n * period, stage_began=began)
        before = {name: tensor.detach().clone() for name, tensor in state(game).items()}
        eager_step(game, stage, replace(there), feed, began + SPAN)
        plain = {name: tensor.detach().clone() for name, tensor in state(game).items()}
        for name, tensor in state(game).items():
            tensor.data.copy_(before[name])
        fast(game, stage, replace(there), feed, began + SPAN)
        graph = {name: tensor.detach() for name, tensor in state(game).items()}
        for group in sorted({".".join(name.split(".")[:2]) for name in before}):  # such as generator.network
            mine = [name for name in before if name.startswith(f"{group}.") and before[name].dim() > 0]
            error, change, size = (
                math.hypot(*(float((a[name].double() - b[name].double()).norm()) for name in mine))
                for a, b in ((plain, graph), (plain, before), (before, {name: torch.zeros(()) for name in mine}))
            )
            if not error <= AGREEMENT * change + ROUNDING * size:
                raise CaptureError(f"{group} differs by {error / change:.1%} of its change in a compiled round")
