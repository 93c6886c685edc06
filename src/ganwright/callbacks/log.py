"""The metric log: every named term, averaged over the steps between two lines of log.jsonl."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import torch
from annotated_types import Len
from pydantic import with_config
from torch import Tensor
from typing_extensions import TypedDict

from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.every import Every
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.recipe import Recipe
from ganwright.core.schema import EXACT, Count
from ganwright.health.monitor import HealthMonitor


@with_config(EXACT)
class LogState(TypedDict):
    """What was summed since the last line: `sums` [processes, terms] over `counts` steps, from `last` on."""

    counts: dict[str, Count]
    sums: list[list[float]]
    last: Annotated[list[float], Len(2, 2)]  # examples and seconds


LOG_LINES = 200  # over the horizon, by default,
MAX_INTERVAL = 5_000  # examples between two lines, so that a slow run soon logs something


def log_interval(horizon: int, requested: int | None) -> Every:
    """When a line is logged in a run of that horizon, besides its end; `requested` examples apart, where given."""
    return Every(requested or max(min(horizon // LOG_LINES, MAX_INTERVAL), 1))


class MetricLog:
    """A callback that averages terms and hands each line to its sinks; between two lines it never waits for the device.

    A line is logged at the end of a run too, whether the horizon, early stopping or an alarm ends it.
    """

    def __init__(
        self,
        recipe: Recipe,
        every: Every,
        horizon: Horizon,
        stopwatch: Stopwatch,
        monitor: HealthMonitor,
        early_stopping: EarlyStopping,
        sinks: list[Callable[[dict[str, Any]], None]],
    ) -> None:
        self.recipe, self.every, self.horizon, self.stopwatch = recipe, every, horizon, stopwatch
        self.monitor, self.early_stopping, self.sinks = monitor, early_stopping, sinks
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.last = (0, 0.0)  # examples and seconds at the last line
        self.notes: list[str] = []  # for the next line
        self.dtype = recipe.any_weight.dtype

    def __call__(self, clock: Clock, played: Played) -> None:
        for name, value in played.terms.items():
            steps, value = value.numel(), value.to(self.dtype)
            value = value.sum() if value.dim() else value  # of several steps, or of one
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + steps
        ended = self.horizon.reached(clock) or self.monitor.alarm is not None
        if self.every.due(clock.examples - played.examples, clock.examples) or ended:
            self.write(clock)

    def write(self, clock: Clock) -> None:
        """Hands the averages since the last line to every sink."""
        line = self._line(clock)
        for sink in self.sinks:
            sink(line)
        self.sums, self.counts, self.notes = {}, {}, []

    def note(self, sentence: str) -> None:
        """Adds a sentence to the next line."""
        self.notes.append(sentence)

    def restart_timer(self, clock: Clock) -> None:
        """Examples per second count from here."""
        self.last = (clock.examples, self.stopwatch.seconds)

    def _line(self, clock: Clock) -> dict[str, Any]:
        values = ranks.mean(torch.stack([self.sums[name] / self.counts[name] for name in self.sums]))
        seconds = self.stopwatch.seconds
        speed = (clock.examples - self.last[0]) / max(seconds - self.last[1], 1e-9)
        self.last = (clock.examples, seconds)
        players = self.recipe.game.players
        return {
            "examples": clock.examples,
            "step": clock.step,
            "stage": clock.stage,
            "epoch": clock.examples / len(self.recipe.data),
            "seconds": round(seconds, 3),
            "examples_per_second": round(speed, 1),
            "terms": dict(zip(self.sums, values.tolist(), strict=True)),
            "learning_rates": {name: player.lr for name, player in players.items()},
            "verdict": self.monitor.verdict.words,
            **self.early_stopping.log_entry,
            **({"notes": self.notes} if self.notes else {}),
            "gradient_norms": {name: float(player.gradient_norm()) for name, player in players.items()},
        }

    def state_dict(self) -> LogState:
        """The sums of every process, so that as many processes resume with theirs."""
        sums = (
            torch.stack(list(self.sums.values())) if self.sums else torch.zeros(0, device=self.recipe.any_weight.device)
        )
        return {"counts": dict(self.counts), "sums": ranks.gathered(sums).tolist(), "last": list(self.last)}

    def load_state_dict(self, state: LogState) -> None:
        sums = self.recipe.any_weight.new_tensor(state["sums"]).detach()  # [processes, terms]
        mine = sums[ranks.rank()] if len(sums) == ranks.size() else sums.mean(0)
        self.counts = dict(state["counts"])
        self.sums = dict(zip(self.counts, mine, strict=True))
        self.last = (int(state["last"][0]), state["last"][1])
