"""How rounds are played: plainly one by one, or several a call by their compiled graphs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ganwright.core.loop import StepFunction, eager_step

if TYPE_CHECKING:  # it imports torch's compiler, which plain rounds never need
    from ganwright.execution.compiled_steps import CompiledSteps, NextEvent


@dataclass(frozen=True)
class ExecutionMode:
    """In compiled calls or (None) plainly; `reason` says why rounds are not compiled although they were to be."""

    calls: CompiledSteps | None = None
    reason: str = ""

    @property
    def per_call(self) -> int | None:
        """How many compiled rounds a call has at most."""
        return None if self.calls is None else self.calls.per_call

    def with_events(self, next_event: NextEvent) -> StepFunction:
        """The rounds, in calls that end where observers have something to do."""
        return eager_step if self.calls is None else replace(self.calls, next_event=next_event)


EAGER = ExecutionMode()
