"""Execution modes: eager steps, or calls of several compiled steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ganwright.core.loop import StepFunction
from ganwright.execution.eager import eager_step
from ganwright.execution.protocols import NextEvent, Say

if TYPE_CHECKING:  # imports torch's compiler, which eager steps do not need
    from ganwright.execution.compiled_steps import CompiledSteps


@dataclass(frozen=True)
class ExecutionMode:
    """Compiled calls, or eager steps (None); `notes` are sentences about everything that fell back, and why."""

    calls: CompiledSteps | None = None
    notes: tuple[str, ...] = ()

    def step(self, next_event: NextEvent, say: Say) -> StepFunction:
        """The step function. Its calls end when callbacks are due; `say` gets what falls back while it plays."""
        return eager_step if self.calls is None else replace(self.calls, next_event=next_event, say=say)

    def to_dict(self) -> dict[str, Any]:
        """As recipe.json records it."""
        return {"compiled_steps_per_call": None if self.calls is None else self.calls.per_call}


EAGER = ExecutionMode()


def not_compiled(reason: str) -> ExecutionMode:
    """Eager steps in place of compiled ones."""
    return ExecutionMode(notes=(f"Steps are not compiled: {reason.removesuffix('.')}.",))


def recorded(words: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a recorded machine that `ExecutionMode.to_dict` wrote."""
    return {name: words[name] for name in EAGER.to_dict()}
