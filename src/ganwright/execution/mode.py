"""Execution modes: eager steps, or calls of several compiled steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ganwright.core.loop import StepFunction, eager_step

if TYPE_CHECKING:  # imports torch's compiler, which eager steps do not need
    from ganwright.execution.compiled_steps import CompiledSteps, NextEvent


@dataclass(frozen=True)
class ExecutionMode:
    """Compiled calls, or eager steps (None); `reason` says why requested compilation was not possible."""

    calls: CompiledSteps | None = None
    reason: str = ""

    @property
    def per_call(self) -> int | None:
        """The maximum number of compiled steps per call; None if eager."""
        return None if self.calls is None else self.calls.per_call

    def with_events(self, next_event: NextEvent) -> StepFunction:
        """The step function, with calls that end when callbacks are due."""
        return eager_step if self.calls is None else replace(self.calls, next_event=next_event)


EAGER = ExecutionMode()
