"""The cost model: how often each kind of work comes until a horizon, and what it costs in seconds and bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ganwright.callbacks.artefacts import FRAMES
from ganwright.callbacks.checkpoints import healthy_interval
from ganwright.callbacks.early_stopping import SelectionMetric, selection_interval
from ganwright.callbacks.log import log_interval
from ganwright.config.training_config import CallbackOptions, TrainingConfig
from ganwright.core.every import Every
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.turn import Stage
from ganwright.health.monitor import health_check_interval


@dataclass(frozen=True)
class UnitCosts:
    """Seconds: `opening` and `closing` once a run, `examples` for one real example in each stage, others for one each.

    A `frame` is one of the animation that a run leaves.
    """

    opening: float
    examples: tuple[float, ...]
    log_line: float
    health_check: float
    selection_check: float
    sample_grid: float
    checkpoint: float
    frame: float
    closing: float


@dataclass(frozen=True)
class FileSizes:
    """Bytes of one of each on disk; `rest` is what is written once."""

    log_line: float
    sample_grid: float
    checkpoint: float
    frame: float
    rest: float


@dataclass(frozen=True)
class WorkCounts:
    """How often each kind of work comes between two moments of a run."""

    examples: tuple[int, ...]  # in each stage
    log_lines: int
    health_checks: int
    selection_checks: int
    sample_grids: int
    checkpoints: int  # without those that are due by wall-clock time


@dataclass(frozen=True)
class WorkSchedule:
    """What decides how often each kind of work comes, in a run that stays healthy.

    `batch` is the number of examples in a step, `stages` say until when each is played, and `scored` is the number of
    samples in a check of --best-by, None without one. Intervals are those of the callbacks.
    """

    batch: int
    stages: tuple[Stage, ...]
    display: DisplayConfig
    callbacks: CallbackOptions
    scored: int | None

    @classmethod
    def of(cls, config: TrainingConfig, recipe: Recipe, metric: SelectionMetric | None) -> WorkSchedule:
        scored = None if metric is None else metric.n
        return cls(recipe.order.batch, recipe.stages, recipe.display, config.callbacks, scored)

    def counts(self, start: int, stop: int, horizon: int) -> WorkCounts:
        """What comes after `start` examples and until `stop`; some kinds come at the horizon too."""

        def count(every: Every, at_end: bool = False) -> int:
            extra = at_end and stop >= horizon and not every.falls_on(horizon)
            return min(every.count(start, stop) + extra, math.ceil((stop - start) / self.batch))

        permanent = 0 if self.keep_every is None else count(Every(self.keep_every))
        return WorkCounts(
            tuple(self._in_stages(start, stop, horizon)),
            count(log_interval(horizon, self.callbacks.log_every), at_end=True),
            count(health_check_interval(horizon), at_end=True),
            0 if self.scored is None else count(selection_interval(horizon, self.scored), at_end=True),
            count(self.display.interval(horizon), at_end=True),
            count(healthy_interval(horizon), at_end=True) + permanent,
        )

    def frames(self, horizon: int) -> int:
        """Frames of the animation, the untrained generator's included."""
        return min(1 + self.counts(0, horizon, horizon).sample_grids, FRAMES)

    def timed_checkpoints(self, seconds: float, examples: int, horizon: int) -> int:
        """Checkpoints that are due by wall-clock time: each of the others restarts that time."""
        if self.callbacks.checkpoint_seconds == 0:
            return math.ceil(examples / self.batch)
        gap = seconds * min(healthy_interval(horizon).n / max(examples, 1), 1.0)  # between two of the others
        return round(seconds / gap * (gap // self.callbacks.checkpoint_seconds)) if gap > 0 else 0

    def saved_checkpoints(self, seconds: float, horizon: int) -> int:
        """Checkpoints on disk at the end: the last two, the healthy one before the last, the best, the permanent."""
        late = self.timed_checkpoints(seconds, horizon, horizon) > 0  # then the last but one is no healthy one
        permanent = 0 if self.keep_every is None else horizon // self.keep_every
        saved = 2 + late + (self.scored is not None) + max(permanent - 1, 0)
        return min(saved, math.ceil(horizon / self.batch))

    @property
    def keep_every(self) -> int | None:
        """Examples between two checkpoints that are kept permanently."""
        return self.callbacks.keep_every or self.display.keep_every

    def _in_stages(self, start: int, stop: int, horizon: int) -> list[int]:
        found, began = [], 0
        for stage in self.stages:
            end = stage.end(began, horizon)
            found.append(max(min(end, stop) - max(began, start), 0))
            began = end
        return found


@dataclass(frozen=True)
class CostModel:
    """What is known of a run's costs before it starts."""

    work: WorkSchedule
    unit_costs: UnitCosts

    def seconds(self, start: int, stop: int, horizon: int) -> dict[str, float]:
        """Seconds of training between two moments, by kind of work."""
        counts, costs = self.work.counts(start, stop, horizon), self.unit_costs
        seconds = {
            "steps": sum(n * each for n, each in zip(counts.examples, costs.examples, strict=True)),
            "log": counts.log_lines * costs.log_line,
            "health checks": counts.health_checks * costs.health_check,
            "selection": counts.selection_checks * costs.selection_check,
            "sample grids": counts.sample_grids * costs.sample_grid,
        }
        saved = counts.checkpoints + self.work.timed_checkpoints(sum(seconds.values()), stop - start, horizon)
        return seconds | {"checkpoints": saved * costs.checkpoint}

    def closing(self, horizon: int) -> float:
        """Seconds from the last step to the return of the command."""
        return self.unit_costs.closing + self.work.frames(horizon) * self.unit_costs.frame

    def whole(self, horizon: int) -> dict[str, float]:
        """Seconds from the command to its return, by kind of work."""
        training = self.seconds(0, horizon, horizon)
        return {"start": self.unit_costs.opening, **training, "end": self.closing(horizon)}

    def left(self, seen: int, horizon: int) -> float:
        """Seconds from the moment at which `seen` examples were seen to the return of the command."""
        return sum(self.seconds(seen, horizon, horizon).values()) + self.closing(horizon)

    def within(self, seconds: float, seen: int = 0) -> int:
        """The largest horizon that is reached within `seconds`; at least one example more than `seen`."""
        low, high = seen + 1, seen + 2
        while self.left(seen, high) <= seconds:
            low, high = high, seen + 2 * (high - seen)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(seen, middle) <= seconds else (low, middle)
        return low

    def bytes(self, horizon: int, sizes: FileSizes) -> dict[str, float]:
        """The run folder at the end, by kind of file."""
        counts = self.work.counts(0, horizon, horizon)
        seconds = sum(self.seconds(0, horizon, horizon).values())
        return {
            "checkpoints": self.work.saved_checkpoints(seconds, horizon) * sizes.checkpoint,
            "sample grids": (1 + counts.sample_grids) * sizes.sample_grid,
            "log": counts.log_lines * sizes.log_line,
            "animation": self.work.frames(horizon) * sizes.frame,
            "rest": sizes.rest,
        }
