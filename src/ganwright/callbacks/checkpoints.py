"""Checkpoints: saved when enough seconds have passed, and wherever the recipe or the user wants one kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.core import ranks, schema
from ganwright.core.clock import Clock
from ganwright.core.errors import DamagedError
from ganwright.core.every import Every
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.recipe import Recipe
from ganwright.health.monitor import HealthMonitor
from ganwright.health.verdict import HEALTHY
from ganwright.runs import checkpoint
from ganwright.runs.run import Run

BEST = "best"
HEALTHY_CHECKPOINTS = 20  # over the horizon, at most
HEALTHY_BEFORE = "healthy before"  # the mark of the healthy checkpoint before the newest


class Stateful(Protocol):
    """A callback whose state is saved in the checkpoint."""

    def state_dict(self) -> Mapping[str, Any]: ...

    def load_state_dict(self, state: Any) -> None:
        """`state` is checked by the type of this parameter, see `core/schema.py:restore`."""


def healthy_interval(horizon: int) -> Every:
    """When a healthy run of that horizon is saved, at any time."""
    return Every(max(horizon // HEALTHY_CHECKPOINTS, 1))


class Checkpoints:
    """A callback that saves every `seconds`, at intervals of a healthy run, at a new best, and every `keep_every`."""

    def __init__(
        self,
        run: Run,
        recipe: Recipe,
        clock: Clock,
        horizon: Horizon,
        states: Mapping[str, Stateful],
        monitor: HealthMonitor,
        early_stopping: EarlyStopping,
        seconds: float,
        keep_every: int | None,
    ) -> None:
        self.run, self.recipe, self.clock, self.states = run, recipe, clock, states
        self.monitor, self.early_stopping, self.seconds = monitor, early_stopping, seconds
        self.healthy = healthy_interval(horizon.planned)
        self.permanent = None if keep_every is None else Every(keep_every)
        self.marks: dict[str, int] = {}
        self.saved_at = time.monotonic()
        self.device = recipe.any_weight.device

    def __call__(self, clock: Clock, played: Played) -> None:
        before = clock.examples - played.examples
        healthy = self.monitor.verdict.passing and self.healthy.due(before, clock.examples)
        if healthy:
            previous = {HEALTHY_BEFORE: self.marks[HEALTHY]} if HEALTHY in self.marks else {}
            self.marks = self.marks | previous | {HEALTHY: clock.examples}
        best = self.early_stopping.best is not None and self.early_stopping.best.examples == clock.examples
        if best:
            self.marks = self.marks | {BEST: clock.examples}
        keep = self.permanent is not None and self.permanent.due(before, clock.examples)
        late = time.monotonic() - self.saved_at >= self.seconds
        if keep or healthy or best or ranks.any_rank(late, clock.step, self.device):
            self.save(keep)

    def save(self, keep: bool = False) -> None:
        """Saves the game, the clock and the callbacks' states; all processes call it together, and rank 0 writes."""
        states = {name: callback.state_dict() for name, callback in self.states.items()}
        if ranks.rank() == 0:
            state = {"clock": self.clock.state_dict(), "callbacks": states, "marks": self.marks}
            checkpoint.mark(self.run.checkpoints, self.marks)
            checkpoint.save(
                self.run.checkpoints, self.clock.examples, checkpoint.capture(self.recipe.game, state), keep
            )
        self.saved_at = time.monotonic()

    def load(self, found: checkpoint.Checkpoint, where: str) -> None:
        """Restores the game, the clock and the callbacks' states; a DamagedError if they are of other types."""
        checkpoint.restore(self.recipe.game, found, where)
        clock, states = found.state["clock"], found.state["callbacks"]
        if clock["stage"] >= len(self.recipe.stages) or clock["stage_began"] > clock["examples"]:
            raise DamagedError(where, "clock.stage or clock.stage_began cannot be")
        self.clock.load_state_dict(clock)
        self.marks = dict(found.state.get("marks", {}))
        if states.keys() != self.states.keys():
            raise DamagedError(where, f"callbacks should be {', '.join(self.states)}")
        for name, callback in self.states.items():
            schema.restore(callback.load_state_dict, states[name], where, f"callbacks.{name}")
