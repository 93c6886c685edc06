"""What watches a run: the log, the sheets, the checkpoints. Each is called after every round."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from ganwright import checkpoint, disk
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.drawing import RenderInput
from ganwright.core.draws import Draws
from ganwright.core.errors import MissingExtraError
from ganwright.core.feed import Feed
from ganwright.core.figure import swept
from ganwright.core.order import Rows
from ganwright.core.recipe import Recipe
from ganwright.health.verdict import HEALTHY
from ganwright.health.watch import HealthMonitor
from ganwright.judging.selection import EarlyStopping
from ganwright.progress import Display
from ganwright.run import Run

BEST = "best"
REPORTS = 200  # over the horizon, unless told otherwise,
MAX_LOG_INTERVAL = 5_000  # images, so that a slow run soon says something
HEALTHY_CHECKPOINTS = 20  # over the horizon, at most
HEALTHY_BEFORE = "healthy before"  # the mark of the healthy checkpoint before the newest


class Stateful(Protocol):
    """An observer whose memory belongs into the checkpoint."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


def log_every(horizon: int) -> int:
    """Images between two lines of the log."""
    return max(min(horizon // REPORTS, MAX_LOG_INTERVAL), 1)


def healthy_every(horizon: int) -> int:
    """Images between two checkpoints of a healthy run."""
    return max(horizon // HEALTHY_CHECKPOINTS, 1)


@dataclass
class Stopwatch:
    """Seconds from the command on, of all commands that took part in turn; what a kill took away doesn't count."""

    before: float = 0.0
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.began

    def state_dict(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.before = state["seconds"]


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
        self.dtype = _weights(recipe).dtype

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
            torch.stack(list(self.sums.values())) if self.sums else torch.zeros(0, device=_weights(self.recipe).device)
        )
        return {"counts": dict(self.counts), "sums": ranks.gathered(sums).tolist(), "last": list(self.last)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        sums = _weights(self.recipe).new_tensor(state["sums"]).detach()  # [processes, terms]
        mine = sums[ranks.rank()] if len(sums) == ranks.size() else sums.mean(0)
        self.counts = dict(state["counts"])
        self.sums = dict(zip(self.counts, mine, strict=True))
        self.last = (state["last"][0], state["last"][1])


def _weights(recipe: Recipe) -> Tensor:
    """Some weight, for its device and precision."""
    return next(iter(recipe.game.players.values())).parameters[0]


class SampleGrids:
    """Draws the same latents again and again, with real data beside them."""

    def __init__(
        self, run: Run, recipe: Recipe, feed: Feed, horizon: int, selection: EarlyStopping, display: Display
    ) -> None:
        self.run, self.recipe, self.feed, self.horizon = run, recipe, feed, horizon
        self.selection, self.display = selection, display
        self.rows = self._rows()

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        due = self.recipe.display.due(clock.examples, size, self.horizon) or self.selection.exhausted
        if due and ranks.rank() == 0:
            self.draw(clock)

    def draw(self, clock: Clock) -> None:
        """Writes samples/NNNNNNNN.png."""
        try:
            with swept():
                sample_grid = self.recipe.display.renderer(self.shown(clock))
        except MissingExtraError as error:
            self.display.note(str(error))
            return
        disk.write(self.run.samples / f"{checkpoint.name(clock.examples)}.png", disk.png(sample_grid))
        self.display.sample_grid(sample_grid)

    def draw_data(self) -> None:
        """Writes data.png: the real data alone."""
        with contextlib.suppress(MissingExtraError):
            data = self.recipe.data
            disk.write(self.run.path / "data.png", disk.png(data.domain.preview(np.array(data.samples[self.rows]))))

    def shown(self, clock: Clock) -> RenderInput:
        """The sheet's samples, and real ones: under the same conditions, if no others lay them out."""
        display, condition = self.recipe.display, self.recipe.condition
        count = display.samples or self.recipe.data.domain.grid_size
        step = clock.examples if display.new_latents else 0
        machine = self.feed.machine
        laid_out, columns = condition.laid_out(count) or (None, None)
        count = count if laid_out is None else len(laid_out)
        draws = Draws(self.feed.seed, step, 0, count, "sheet", machine.device, machine.dtype)
        real = self.recipe.real_batch(self.rows, draws.sized(len(self.rows)))
        given = real.condition if laid_out is None else laid_out.to(machine.device)
        if given is not None:
            draws = draws.sized(len(given))
        fake = self.recipe.game.sample(draws, given)
        field = self.field if given is None else None
        return RenderInput(self.recipe.data.domain, fake, given, real, draws, columns, field)

    def field(self, stored: np.ndarray) -> np.ndarray:
        """The discriminator's probability over a plane of points, or its score where the loss defines none."""
        machine = self.feed.machine
        encoded = self.recipe.data.domain.encode(torch.from_numpy(stored)).to(machine.device, machine.dtype)
        score = self.recipe.game.score(encoded)
        probability = self.recipe.game.probability(score)
        return (score if probability is None else probability).float().cpu().numpy()

    def _rows(self) -> Rows:
        """Of the real samples that are shown, spread evenly over the data."""
        count = min(self.recipe.display.samples or self.recipe.data.domain.grid_size, len(self.recipe.data))
        return np.linspace(0, len(self.recipe.data) - 1, count).astype(np.int64)


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
        self.device = _weights(recipe).device

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
