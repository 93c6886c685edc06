"""Tuning: CPU threads and the execution mode, chosen before the first step on recipes that are thrown away."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ganwright.config.training_config import TrainingConfig
from ganwright.execution import compile_heuristic, threads
from ganwright.execution.mode import EAGER, ExecutionMode
from ganwright.training.preparation import PreparedRun, ResumePoint


def requested_examples(prepared: PreparedRun) -> int:
    """The horizon of the request, or the recipe's default, in examples."""
    return prepared.config.horizon.in_examples(prepared.recipe)


def requested_seconds(config: TrainingConfig) -> float | None:
    """The time budget, where one was requested."""
    return None if config.horizon.minutes is None else 60 * config.horizon.minutes


def set_threads(prepared: PreparedRun, resume: ResumePoint) -> None:
    """Sets torch's CPU threads: as requested, as the run had them so far, or as a measurement finds best."""
    count = prepared.config.hardware.threads
    if count is None and resume.settings is not None:
        count = int(resume.settings["machine"]["threads"])
    if count is None:
        steps = requested_examples(prepared) / prepared.recipe.order.batch
        count = threads.choose(prepared.rebuilt, steps, requested_seconds(prepared.config))
    torch.set_num_threads(count)


def choose_execution_mode(
    prepared: PreparedRun,
    resume: ResumePoint,
    steps: float,
    seconds: float | None,
    say: Callable[[str], None] | None = None,
) -> ExecutionMode:
    """Eager or compiled steps: as requested, as the run executed them so far, or whichever is measured to be faster.

    `steps` are left to be played, or `seconds`, where a time budget is given. Threads may be raised unless they were
    requested: compiled steps can gain from threads that eager steps don't. `say` is called before the compiler starts.
    """
    hardware, per_call = prepared.config.hardware, resume.compiled_steps_per_call
    auto = per_call is None and hardware.compile != "on"
    possible = compile_heuristic.possible(prepared.machine, steps, seconds)
    if hardware.compile == "off" or (auto and (resume.begun or not possible)):
        return EAGER
    speed = 0.0
    if auto:
        recipe, feed = prepared.rebuilt()
        speed = compile_heuristic.speed(recipe, feed)  # examples per second, eagerly
        seconds = steps * recipe.order.batch / speed if seconds is None else seconds
        if not compile_heuristic.is_promising(recipe, feed, speed, seconds):
            return EAGER
    if say is not None:
        say("Compiling the training step (1-2 min). Disable with --compile off.")
    from ganwright.execution import compilation  # imports torch's compiler

    free = hardware.threads is None and not resume.begun
    most = (threads.from_environment() or threads.cores()) if free else 0
    if auto:
        assert seconds is not None
        return compilation.fastest_mode(prepared.rebuilt, speed, seconds, most)
    return compilation.compile_steps(prepared.rebuilt, per_call, seconds, most)
