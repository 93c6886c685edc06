"""Whether the rounds of a run are compiled: decided once, before the first step, on a recipe that is thrown away.

Compiling must pay for itself. What it saves is what Python and torch spend around the arithmetic, a few microseconds an
operation: nearly everything for a network of ten neurons, next to nothing for a convolutional one. How long it may take
is known before: whatever isn't ready then is given up, and rounds are played plainly.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.compiler import compiled
from ganwright.core.feed import Feed
from ganwright.core.heard import RefusedError
from ganwright.core.loop import Rounds, one_round
from ganwright.core.recipe import Recipe
from ganwright.core.rounds import Calls, never
from ganwright.core.trace import Kind, Traced, state, traced
from ganwright.deadline import OutOfTime, can_be_set, within
from ganwright.way import Way

WORTH = 60.0  # seconds of plain rounds ahead, below which nothing is tried
SHARE = 0.2  # of the seconds that lie ahead may go into compiling,
MOST_SECONDS = 60.0  # and no more than these
AROUND = 2.5e-6  # seconds that Python and torch spend around a node of the graph, roughly
COMPILING = 0.03  # seconds that the compiler takes for a node, with a busy machine in mind
MOST_NODES = 2_000  # of a round's graph, where it was not traced yet
CLEARLY = 1.1  # times as fast as plain rounds compiled ones must be, measured
CALL_SECONDS = 0.03  # about so long a call takes: observers and Ctrl-C wait for its end
MOST_A_CALL = 256
MOST_BYTES = 2**26  # of real samples that are gathered for a call
GLANCE_SECONDS = 0.4  # in which a speed is measured
RARE = 0.01  # of all rounds: such a kind is played plainly
LOOKED_AHEAD = 2_000  # rounds, in search of their kinds
AGREEMENT = 0.02  # of what a round changes, in which graph and plain round may differ,
ROUNDING = 1e-6  # besides so much of what is there
SPAN = 10_000_000  # images: the length of a stage that is tried at several places

Make = Callable[[], tuple[Recipe, Feed]]
HOPELESS = Way(reason="that would not pay for itself")


def fastest(make: Make, images: int, seconds: float | None) -> Way:
    """Compiled rounds where they pay for themselves, else plain ones.

    So many images lie ahead, or so many seconds; `make` gives a recipe that is thrown away, and its feed.
    """
    recipe, feed = make()
    try:
        _refuse_elsewhere(feed)
        plain = speed(recipe, feed)
        a_round = recipe.order.batch / plain
        seconds = images / plain if seconds is None else seconds
        if _hopeless(seconds, a_round, MOST_NODES, MOST_NODES // 4):
            return HOPELESS
        with _bounded(seconds):
            graphs = _graphs(recipe, feed)
            nodes = [len(graph.module.graph.nodes) for graph in graphs.values()]
            if _hopeless(seconds, a_round, max(nodes), sum(nodes)):
                return HOPELESS
            fast, compiled_speed = _compiled(recipe, feed, graphs, None)
    except RefusedError as error:
        return Way(reason=str(error))
    return fast if compiled_speed > CLEARLY * plain else HOPELESS


def _hopeless(seconds: float, a_round: float, nodes: int, in_all: int) -> bool:
    """Whether compiling would not save twice its own time, by what is known of the graphs."""
    saved = min(nodes * AROUND / a_round, 0.9)
    return seconds < WORTH or seconds * saved < 2 * in_all * COMPILING


def accelerated(make: Make, per_call: int | None, seconds: float | None) -> Way:
    """Compiled rounds, so many a call (None: as many as seem right), or plain ones with the reason.

    So many seconds lie ahead, where they are known.
    """
    try:
        recipe, feed = make()
        _refuse_elsewhere(feed)
        with _bounded(seconds):
            return _compiled(recipe, feed, _graphs(recipe, feed), per_call)[0]
    except RefusedError as error:
        return Way(reason=str(error))


@contextmanager
def _bounded(ahead: float | None) -> Iterator[None]:
    """A RefusedError when its body takes more than its share of so many seconds ahead (None: unknown)."""
    if not can_be_set():
        raise RefusedError("here is no timer to bound it by")
    seconds = MOST_SECONDS if ahead is None else min(SHARE * ahead, MOST_SECONDS)
    try:
        with within(seconds):
            yield
    except OutOfTime:
        raise RefusedError(f"that was not done in {seconds:.0f} s, which is as long as it may take") from None


def _refuse_elsewhere(feed: Feed) -> None:
    if feed.machine.device.type != "cpu" or ranks.size() > 1:
        raise RefusedError("that is for one process without a GPU")


def _graphs(recipe: Recipe, feed: Feed) -> dict[Kind, Traced]:
    return {kind: traced(recipe.game, recipe.stages[-1], clock, feed) for kind, clock in kinds(recipe, feed).items()}


def kinds(recipe: Recipe, feed: Feed) -> dict[Kind, Clock]:
    """The kinds of rounds of the last stage that are not rare, each with a clock that stands before one of them."""
    stage, clock = recipe.stages[-1], Clock(stage=len(recipe.stages) - 1)
    found: dict[Kind, Clock] = {}
    counts: Counter[Kind] = Counter()
    rounds = max(feed.total // recipe.order.batch + 1, 4 * max(turn.every for turn in stage.turns))
    for _ in range(min(rounds, LOOKED_AHEAD)):
        kind = Kind.at(clock, stage, feed)
        counts[kind] += 1
        found.setdefault(kind, replace(clock))
        clock.tick(kind.size)
    return {kind: clock for kind, clock in found.items() if counts[kind] >= RARE * counts.total()}


def _compiled(recipe: Recipe, feed: Feed, graphs: Mapping[Kind, Traced], per_call: int | None) -> tuple[Way, float]:
    """Compiled, compared with plain rounds, and measured: images a second."""
    place = len(recipe.stages) - 1
    bytes_a_round = recipe.order.batch * math.prod(recipe.data.domain.shape) * feed.machine.dtype.itemsize
    most = max(min(MOST_A_CALL, MOST_BYTES // bytes_a_round), 1)
    fast = Calls({kind: compiled(graph) for kind, graph in graphs.items()}, place, per_call or most)
    try:
        for clock in kinds(recipe, feed).values():
            _compare(recipe, feed, replace(fast, per_call=1), clock)
        images_per_second = speed(recipe, feed, fast)
    except RuntimeError as error:
        raise RefusedError(str(error)) from error
    rounds = CALL_SECONDS * images_per_second / recipe.order.batch
    per_call = per_call or min(max(1 << int(rounds).bit_length() >> 1, 1), most)
    return Way(replace(fast, per_call=per_call)), images_per_second


def speed(recipe: Recipe, feed: Feed, rounds: Rounds = one_round, measured: float | None = None) -> float:
    """Images per second of a recipe that is thrown away; takes so many seconds, and a quarter of them to warm up."""
    measured = GLANCE_SECONDS if measured is None else measured
    clock = Clock(stage=len(recipe.stages) - 1)
    _play_for(measured / 4, recipe, clock, feed, rounds)
    began, images = time.perf_counter(), clock.images
    _play_for(measured, recipe, clock, feed, rounds)
    return (clock.images - images) / (time.perf_counter() - began)


def _play_for(seconds: float, recipe: Recipe, clock: Clock, feed: Feed, rounds: Rounds) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        rounds(recipe.game, recipe.stages[clock.stage], clock, feed, never(0))


def _compare(recipe: Recipe, feed: Feed, fast: Calls, clock: Clock) -> None:
    """A RefusedError where graph and plain round part, at the begin, in the middle, and near the end of a stage.

    Whatever a round takes from where the trace could not see it would differ here.
    """
    game, stage = recipe.game, recipe.stages[-1]
    period = math.lcm(*(turn.every for turn in stage.turns))
    for n, progress in enumerate((0.0, 0.5, 0.98), start=1):
        began = clock.images - round(progress * SPAN)
        there = replace(clock, step=clock.step + n * period, stage_began=began)
        before = {name: tensor.detach().clone() for name, tensor in state(game).items()}
        one_round(game, stage, replace(there), feed, began + SPAN)
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
                raise RefusedError(f"{group} differs by {error / change:.1%} of its change in a compiled round")
