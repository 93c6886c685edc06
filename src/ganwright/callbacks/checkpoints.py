"""Checkpoints: saved when enough seconds have passed, and wherever the recipe or the user wants one kept."""

from __future__ import annotations

import time
from typing import Any, Protocol

from torch import Tensor

from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.recipe import Recipe
from ganwright.health.monitor import HealthMonitor
from ganwright.health.verdict import HEALTHY
from ganwright.runs import checkpoint
from ganwright.runs.run import Run

BEST = "best"
HEALTHY_CHECKPOINTS = 20  # over the horizon, at most
HEALTHY_BEFORE = "healthy before"  # the mark of the healthy checkpoint before the newest


class Stateful(Protocol):
    """An observer whose memory belongs into the checkpoint."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


def healthy_every(horizon: int) -> int:
    """Images between two checkpoints of a healthy run."""
    return max(horizon // HEALTHY_CHECKPOINTS, 1)


class Checkpoints:
    """Saves when enough seconds have passed, and wherever the recipe or the user wants one kept."""

    def __init__(
        self,
        run: Run,
        recipe: Recipe,
        clock: Clock,
        memory: dict[str, Stateful],
        monitor: HealthMonitor,
        selection: EarlyStopping,
        seconds: float,
        keep_every: int | None,
    ) -> None:
        self.run, self.recipe, self.clock, self.memory = run, recipe, clock, memory
        self.monitor, self.selection = monitor, selection
        self.seconds, self.keep_every = seconds, keep_every
        self.healthy_every = healthy_every(monitor.horizon)
        self.marks: dict[str, int] = {}
        self.saved_at = time.monotonic()
        self.device = recipe.any_weight.device

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        healthy = self.monitor.verdict.name == HEALTHY and clock.passed(self.healthy_every, size)
        if healthy:
            before = {HEALTHY_BEFORE: self.marks[HEALTHY]} if HEALTHY in self.marks else {}
            self.marks = self.marks | before | {HEALTHY: clock.examples}
        best = self.selection.best is not None and self.selection.best.examples == clock.examples
        if best:
            self.marks = self.marks | {BEST: clock.examples}
        keep = self.keep_every is not None and clock.passed(self.keep_every, size)
        late = time.monotonic() - self.saved_at >= self.seconds
        if keep or healthy or best or ranks.any_rank(late, clock.step, self.device):
            self.save(keep)

    def save(self, keep: bool = False) -> None:
        """To be called by all processes together; the first one writes."""
        memory = {name: part.state_dict() for name, part in self.memory.items()}
        if ranks.rank() == 0:
            state = {"clock": self.clock.state_dict(), "memory": memory, "marks": self.marks}
            checkpoint.mark(self.run.checkpoints, self.marks)
            checkpoint.save(
                self.run.checkpoints, self.clock.examples, checkpoint.capture(self.recipe.game, state), keep
            )
        self.saved_at = time.monotonic()

    def load(self, found: checkpoint.Checkpoint, where: str) -> None:
        """Puts game, clock and every memory back."""
        checkpoint.restore(self.recipe.game, found, where)
        self.clock.load_state_dict(found.state["clock"])
        self.marks = dict(found.state.get("marks", {}))
        remembered = found.state["memory"]
        for name, part in self.memory.items():
            if name in remembered:  # an older version had fewer observers
                part.load_state_dict(remembered[name])
