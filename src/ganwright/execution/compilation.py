"""Compiles the training step of a run before its first step, on a separate copy of its recipe.

Compilation has a time limit; if it is exceeded, the run trains eagerly.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

import torch
from torch import Tensor

from ganwright.core.clock import Clock
from ganwright.core.draws import generator
from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.loop import StepFunction
from ganwright.core.recipe import Recipe
from ganwright.execution.compile_heuristic import speed
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.compiler import compiled
from ganwright.execution.eager import eager_step
from ganwright.execution.graph_capture import CapturedGraph, StepKind, capture_step, state
from ganwright.execution.mode import ExecutionMode, not_compiled
from ganwright.execution.protocols import MakeTrial
from ganwright.execution.recorder import CaptureError
from ganwright.execution.threads import GAIN
from ganwright.execution.time_limit import TimeLimitExceeded, within

State = Mapping[str, Tensor]  # every tensor that a step may change, by name

MAX_SHARE = 0.2  # of the run's remaining seconds, for compilation
MAX_SECONDS = 60.0  # of compilation
MIN_SPEEDUP = 1.1  # of compiled steps over eager ones, measured
CALL_SECONDS = 0.03  # approximate duration of a call, which delays callbacks and Ctrl-C
MAX_STEPS_PER_CALL = 256
MAX_BYTES_PER_CALL = 2**26  # of real samples
LONG_STEP = 1e-3  # seconds of a compiled step, from which more threads are tried, too
MIN_FREQUENCY = 0.01  # of steps of one kind; rarer ones are played eagerly
MAX_STEPS_SCANNED = 2_000  # for kinds of steps
TOLERANCE = 1e-3  # difference between graph and eager step, relative to a tensor's change in a step,
ROUNDING = 1e-6  # plus this much relative to the tensor,
AMPLIFIED = 10.0  # plus this many times the difference between
PERTURBATIONS = 4  # steps whose states differ by
PERTURBATION = 2.0**-22  # of each number
SPAN = 10_000_000  # examples of the stage in which steps are compared


def fastest_mode(make: MakeTrial, eager: float, seconds: float, threads: int) -> ExecutionMode:
    """Compiled steps if they are measurably faster than eager ones, which read `eager` examples per second.

    The run is expected to take `seconds` more.
    """
    initial = torch.get_num_threads()
    mode = compile_steps(make, None, seconds, threads)
    if mode.calls is None:
        return mode
    compiled_speed = speed(*make(), mode.calls)
    if compiled_speed > MIN_SPEEDUP * eager:
        return mode
    torch.set_num_threads(initial)
    return not_compiled(f"compiled steps have {compiled_speed / eager:.2f} times the speed of eager ones")


def compile_steps(make: MakeTrial, per_call: int | None, seconds: float | None, threads: int) -> ExecutionMode:
    """Compiled steps, `per_call` at once (None: chosen by their speed), or eager ones with the reason.

    `seconds` is the expected duration of the run (None: unknown). For long steps twice the current number of threads
    is tried, too, up to `threads`; torch keeps the faster setting.
    """
    try:
        recipe, feed = make()
        with _time_limit(seconds):
            graphs = _graphs(recipe, feed)
            mode, examples_per_second = _compiled(recipe, feed, graphs, per_call)
    except CaptureError as error:
        return not_compiled(str(error))
    initial = torch.get_num_threads()
    if 2 * initial > threads or recipe.order.batch / examples_per_second < LONG_STEP:
        return mode
    torch.set_num_threads(2 * initial)  # also used by compiled code
    with suppress(CaptureError), _time_limit(seconds):
        threaded, threaded_examples_per_second = _compiled(recipe, feed, graphs, per_call)
        if threaded_examples_per_second > GAIN * examples_per_second:
            return threaded
    torch.set_num_threads(initial)
    return mode


@contextmanager
def _time_limit(run_seconds: float | None) -> Iterator[None]:
    """Raises CaptureError if the body exceeds its share of the run's duration (None: unknown)."""
    seconds = MAX_SECONDS if run_seconds is None else min(MAX_SHARE * run_seconds, MAX_SECONDS)
    try:
        with within(seconds):
            yield
    except TimeLimitExceeded:
        raise CaptureError(f"compilation exceeded its limit of {seconds:.0f} s") from None


def _graphs(recipe: Recipe, feed: Feed) -> dict[StepKind, CapturedGraph]:
    return {
        kind: capture_step(recipe.game, recipe.stages[-1], clock, feed) for kind, clock in kinds(recipe, feed).items()
    }


def kinds(recipe: Recipe, feed: Feed) -> dict[StepKind, Clock]:
    """The frequent kinds of steps of the last stage, each with a clock before such a step."""
    stage, clock = recipe.stages[-1], Clock(stage=len(recipe.stages) - 1)
    clocks: dict[StepKind, Clock] = {}
    counts: Counter[StepKind] = Counter()
    steps = max(feed.total // recipe.order.batch + 1, 4 * max(turn.every for turn in stage.turns))
    for _ in range(min(steps, MAX_STEPS_SCANNED)):
        kind = StepKind.at(clock, stage, feed)
        counts[kind] += 1
        clocks.setdefault(kind, replace(clock))
        clock.tick(kind.size)
    return {kind: clock for kind, clock in clocks.items() if counts[kind] >= MIN_FREQUENCY * counts.total()}


def _compiled(
    recipe: Recipe, feed: Feed, graphs: Mapping[StepKind, CapturedGraph], per_call: int | None
) -> tuple[ExecutionMode, float]:
    """Compiles the graphs, compares them with eager steps, and measures their speed in examples per second."""
    place = len(recipe.stages) - 1
    step_bytes = recipe.order.batch * math.prod(recipe.data.domain.shape) * feed.machine.dtype.itemsize
    most = max(min(MAX_STEPS_PER_CALL, MAX_BYTES_PER_CALL // step_bytes), 1)
    fast = CompiledSteps({kind: compiled(graph) for kind, graph in graphs.items()}, place, per_call or most)
    try:
        for clock in kinds(recipe, feed).values():
            compare(recipe, feed, replace(fast, per_call=1), clock)
        examples_per_second = speed(recipe, feed, fast)
    except RuntimeError as error:
        raise CaptureError(str(error)) from error
    steps = CALL_SECONDS * examples_per_second / recipe.order.batch
    per_call = per_call or min(max(1 << int(steps).bit_length() >> 1, 1), most)
    return ExecutionMode(replace(fast, per_call=per_call), _eager_parts(recipe)), examples_per_second


def _eager_parts(recipe: Recipe) -> tuple[str, ...]:
    """What is not compiled although the last stage is."""
    earlier = len(recipe.stages) - 1
    which = "stage 1 is" if earlier == 1 else f"stages 1 to {earlier} are"
    return (f"Only the last stage is compiled: {which} executed eagerly.",) if earlier else ()


def compare(recipe: Recipe, feed: Feed, fast: CompiledSteps, clock: Clock) -> None:
    """Raises CaptureError if graph and eager step differ, at the start, in the middle, or near the end of a stage.

    This detects inputs of a step that capture did not record, and errors of the compiler. Every tensor that a step may
    change is compared. Some are rounding errors that an optimizer amplifies, such as the bias before a batch norm,
    whose gradient is zero in exact arithmetic. Therefore a tensor may differ as much as it does between eager steps
    from states that differ by rounding. Two eager steps from one state must be equal: a graph would fix what makes them
    differ.
    """
    game, stage = recipe.game, recipe.stages[-1]
    period = math.lcm(*(turn.every for turn in stage.turns))
    for n, progress in enumerate((0.0, 0.5, 0.98), start=1):
        began = clock.examples - round(progress * SPAN)
        start, end = replace(clock, step=clock.step + n * period, stage_began=began), began + SPAN

        def after(steps: StepFunction, initial: State, start: Clock = start, end: int = end) -> State:
            """The state after a step from an initial one."""
            for name, tensor in state(game).items():
                tensor.data.copy_(initial[name])
            steps(game, stage, replace(start), feed, end)
            return copied(game)

        before = copied(game)
        eager, again = after(eager_step, before), after(eager_step, before)
        if different := [name for name, tensor in eager.items() if not torch.equal(tensor, again[name])]:
            raise CaptureError(f"two eager steps from the same state give different {different[0]}")
        others = [after(eager_step, _perturbed(before, place)) for place in range(PERTURBATIONS)]
        graph = after(fast, before)
        for name, expected in eager.items():
            distance = _root_distance if name.endswith("_sq") else _distance
            change, error = distance(expected, before[name]), distance(expected, graph[name])
            noise = max(distance(expected, other[name]) for other in others)
            size = distance(expected, torch.zeros(()))
            if not error <= TOLERANCE * change + ROUNDING * size + AMPLIFIED * noise:
                raise CaptureError(
                    f"{name} differs by {error:.2g} in a compiled step, which changes it by {change:.2g}"
                )


def copied(game: Game) -> State:
    return {name: tensor.detach().clone() for name, tensor in state(game).items()}


def _perturbed(tensors: State, place: int) -> State:
    """Every number multiplied by 1 + PERTURBATION or 1 - PERTURBATION, at random."""
    random = generator("perturbation", place)
    signs = {name: random.integers(0, 2, tuple(tensor.shape)) * 2 - 1 for name, tensor in tensors.items()}
    return {
        name: tensor * (1 + PERTURBATION * torch.as_tensor(signs[name])).to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in tensors.items()
    }


def _distance(one: Tensor, other: Tensor) -> float:
    return float((one.double() - other.double()).norm())


def _root_distance(one: Tensor, other: Tensor) -> float:
    """The distance of squared moments in the unit of a gradient, in which rounding errors are amplified linearly."""
    return _distance(one.double().sqrt(), other.double().sqrt())
