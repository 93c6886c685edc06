"""The log: every named term, averaged between two lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.recipe import Recipe
from ganwright.health.monitor import HealthMonitor

LOG_LINES = 200  # over the horizon, by default,
MAX_LOG_INTERVAL = 5_000  # examples, so that a slow run soon logs something


def log_every(horizon: int) -> int:
    """Images between two lines of the log."""
    return max(min(horizon // LOG_LINES, MAX_LOG_INTERVAL), 1)


class MetricLog:
    """Averages every named term between two reports and hands each report on; nothing waits for the device before."""

    def __init__(
        self,
        recipe: Recipe,
        every: int,
        horizon: int,
        stopwatch: Stopwatch,
        monitor: HealthMonitor,
        selection: EarlyStopping,
        sinks: list[Callable[[dict[str, Any]], None]],
    ) -> None:
        self.recipe, self.every, self.horizon = recipe, every, horizon
        self.stopwatch, self.monitor, self.selection, self.sinks = stopwatch, monitor, selection, sinks
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.last = (0, 0.0)  # images and seconds at the last report
        self.dtype = recipe.any_weight.dtype

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        for name, value in terms.items():
            rounds, value = value.numel(), value.to(self.dtype)
            value = value.sum() if value.dim() else value  # of the several rounds of a call, or of one
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + rounds
        ended = clock.examples >= self.horizon or self.selection.exhausted or self.monitor.alarm is not None
        if clock.passed(self.every, size) or ended:
            self.report(clock)

    def report(self, clock: Clock) -> None:
        """Hands the averages since the last report on."""
        report = self._report(clock)
        for sink in self.sinks:
            sink(report)
        self.sums, self.counts = {}, {}

    def _report(self, clock: Clock) -> dict[str, Any]:
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
            **self.selection.words,
            "gradient_norms": {name: float(player.gradient_norm()) for name, player in players.items()},
        }

    def state_dict(self) -> dict[str, Any]:
        """The sums of every process, so that as many processes go on where they were."""
        sums = (
            torch.stack(list(self.sums.values())) if self.sums else torch.zeros(0, device=self.recipe.any_weight.device)
        )
        return {"counts": dict(self.counts), "sums": ranks.gathered(sums).tolist(), "last": list(self.last)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        sums = self.recipe.any_weight.new_tensor(state["sums"]).detach()  # [processes, terms]
        mine = sums[ranks.rank()] if len(sums) == ranks.size() else sums.mean(0)
        self.counts = dict(state["counts"])
        self.sums = dict(zip(self.counts, mine, strict=True))
        self.last = (state["last"][0], state["last"][1])
