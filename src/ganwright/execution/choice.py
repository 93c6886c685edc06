"""Chooses threads and execution mode before the first step, as requested, as recorded, or by measuring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from ganwright.core.machine import Machine
from ganwright.execution import compile_heuristic, private_names, threads
from ganwright.execution.mode import EAGER, ExecutionMode, not_compiled
from ganwright.execution.protocols import MakeTrial, Say

Compile = Literal["auto", "on", "off"] | None


@dataclass(frozen=True)
class ExecutionRequest:
    """What the user requested (None: nothing), and how a run that has begun was executed so far (empty: it is new)."""

    compile: Compile = None
    threads: int | None = None
    recorded: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps_per_call(self) -> int | None:
        """The compiled steps per call of the run so far; None if they were eager, or the run is new."""
        return self.recorded.get("compiled_steps_per_call")

    @property
    def automatic(self) -> bool:
        """Whether measurements decide on compilation."""
        return self.compile != "on" and self.steps_per_call is None


def set_threads(request: ExecutionRequest, make: MakeTrial, steps: float, seconds: float | None) -> None:
    """Sets torch's CPU threads: as requested, as the run had them so far, or as a measurement finds best.

    The run has `steps`, or takes `seconds` if it has a time budget.
    """
    count = request.threads or request.recorded.get("threads")
    torch.set_num_threads(threads.choose(make, steps, seconds) if count is None else int(count))


def choose_mode(
    request: ExecutionRequest, make: MakeTrial, machine: Machine, steps: float, seconds: float | None, say: Say
) -> ExecutionMode:
    """Eager or compiled steps: as requested, as the run executed them so far, or whichever is measured to be faster.

    `steps` are left to be played, or `seconds` if there is a time budget. Threads may be raised unless they were
    requested: compiled steps can gain from threads that eager steps don't. `say` is called before the compiler starts.
    """
    if request.compile == "off":
        return EAGER
    if not request.automatic:
        return _refusal(machine, say) or _compiled(request, make, seconds)
    if request.recorded or not (compile_heuristic.long_enough(steps, seconds) and machine.single_cpu_process):
        return EAGER
    if unobserved := private_names.fallback("counting operations"):
        return not_compiled(unobserved)
    recipe, feed = make()
    speed = compile_heuristic.speed(recipe, feed)  # examples per second, eagerly
    seconds = steps * recipe.order.batch / speed if seconds is None else seconds
    if not compile_heuristic.is_promising(recipe, feed, speed, seconds):
        return EAGER
    return _refusal(machine, say) or _compiled_if_faster(request, make, speed, seconds)


def _refusal(machine: Machine, say: Say) -> ExecutionMode | None:
    """Eager steps with the reason why steps cannot be compiled here; None if they can."""
    if obstacle := compile_heuristic.obstacle(machine):
        return not_compiled(obstacle)
    say("Compiling the training step (1-2 min). Disable with --compile off.")
    unsupported = private_names.fallback("graph capture") or private_names.fallback("compilation")
    return not_compiled(unsupported) if unsupported else None


def _compiled(request: ExecutionRequest, make: MakeTrial, seconds: float | None) -> ExecutionMode:
    from ganwright.execution import compilation  # imports torch's compiler

    return compilation.compile_steps(make, request.steps_per_call, seconds, _max_threads(request))


def _compiled_if_faster(request: ExecutionRequest, make: MakeTrial, eager: float, seconds: float) -> ExecutionMode:
    from ganwright.execution import compilation  # imports torch's compiler

    return compilation.fastest_mode(make, eager, seconds, _max_threads(request))


def _max_threads(request: ExecutionRequest) -> int:
    """The number of threads up to which compilation may raise them; 0: not at all."""
    free = request.threads is None and not request.recorded
    return (threads.from_environment() or threads.cores()) if free else 0
