"""What a run costs until its horizon: how often each kind of work comes, and the seconds and bytes of one of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ganwright.callbacks.artefacts import FRAMES
from ganwright.callbacks.checkpoints import healthy_every
from ganwright.callbacks.early_stopping import SelectionMetric, check_every
from ganwright.callbacks.log import log_every
from ganwright.config.training_config import CallbackOptions, TrainingConfig
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.turn import Stage
from ganwright.health.monitor import health_check_every


@dataclass(frozen=True)
class UnitCosts:
    """Seconds: `opening` and `closing` once a run, `examples` for one real image in each stage, the others for one each.

    A `frame` is one of the animation that a run leaves.
    """

    opening: float
    examples: tuple[float, ...]
    log_line: float
    health_check: float
    check: float
    sample_grid: float
    checkpoint: float
    frame: float
    closing: float


@dataclass(frozen=True)
class FileSizes:
    """Bytes of one of each on the disk; `rest` is whatever is there once."""

    line: float  # of the log
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
    checks: int
    sample_grids: int
    checkpoints: int  # but those that the clock on the wall asks for


@dataclass(frozen=True)
class WorkSchedule:
    """What decides how often each kind of work comes.

    `batch` are the real images of a round, `stages` say until when each is played; `checked` the samples
    of a check of --best-by, None where there is none. A healthy run is assumed.
    """

    batch: int
    stages: tuple[Stage, ...]
    display: DisplayConfig
    callback_options: CallbackOptions
    checked: int | None

    @classmethod
    def of(cls, config: TrainingConfig, recipe: Recipe, by: SelectionMetric | None) -> WorkSchedule:
        """Those of a session."""
        checked = None if by is None else by.n
        return cls(recipe.order.batch, recipe.stages, recipe.display, config.callbacks, checked)

    def counts(self, start: int, stop: int, horizon: int) -> WorkCounts:
        """What comes after `start` images and until `stop`; the end brings one more of some kinds."""
        ended = stop >= horizon
        steps = math.ceil((stop - start) / self.batch)

        def often(every: int | None, last: bool = False) -> int:
            if every is None:
                return 0
            odd = last and ended and horizon % every != 0
            return min(stop // every - start // every + odd, steps)

        return WorkCounts(
            tuple(self._in_stages(start, stop, horizon)),
            often(self.callback_options.log_every or log_every(horizon), last=True),
            often(health_check_every(horizon)),
            often(None if self.checked is None else check_every(horizon, self.checked), last=True),
            self.sample_grids(start, stop, horizon),
            often(healthy_every(horizon), last=True) + often(self.keep_every),
        )

    def sample_grids(self, start: int, stop: int, horizon: int) -> int:
        """Sheets drawn after `start` images and until `stop`."""
        first, every = self.display.first, self.display.interval(horizon)
        drawn = max((stop - first) // every + 1, 0) - max((start - first) // every + 1, 0)
        odd = stop >= horizon and (horizon < first or (horizon - first) % every != 0)
        return min(drawn + odd, math.ceil((stop - start) / self.batch))

    def frames(self, horizon: int) -> int:
        """Those of the animation, the untrained generator's among them."""
        return min(1 + self.sample_grids(0, horizon, horizon), FRAMES)

    def by_the_clock(self, seconds: float, examples: int, horizon: int) -> int:
        """Checkpoints that the clock on the wall asks for in so many seconds: each of the others sets it back."""
        if self.callback_options.checkpoint_seconds == 0:
            return math.ceil(examples / self.batch)
        gap = seconds * min(healthy_every(horizon) / max(examples, 1), 1.0)  # between two of the others
        return round(seconds / gap * (gap // self.callback_options.checkpoint_seconds)) if gap > 0 else 0

    def kept(self, seconds: float, horizon: int) -> int:
        """Checkpoints at the end: the last two, the healthy one before the last, the best, those kept for good."""
        late = self.by_the_clock(seconds, horizon, horizon) > 0  # then the last but one is no healthy one
        best = self.checked is not None
        kept = 0 if self.keep_every is None else horizon // self.keep_every
        return min(2 + late + best + max(kept - 1, 0), math.ceil(horizon / self.batch))

    @property
    def keep_every(self) -> int | None:
        """Images between two checkpoints that are kept for good."""
        return self.callback_options.keep_every or self.display.keep_every

    def _in_stages(self, start: int, stop: int, horizon: int) -> list[int]:
        found, began = [], 0
        for stage in self.stages:
            end = stage.end(began, horizon)
            found.append(max(min(end, stop) - max(began, start), 0))
            began = end
        return found


@dataclass(frozen=True)
class CostModel:
    """Everything that is known of a run's costs before it begins."""

    work_schedule: WorkSchedule
    unit_costs: UnitCosts

    def seconds(self, start: int, stop: int, horizon: int) -> dict[str, float]:
        """Seconds of training between two moments, by kind of work."""
        counts, unit_costs = self.work_schedule.counts(start, stop, horizon), self.unit_costs
        found = {
            "rounds": sum(n * each for n, each in zip(counts.examples, unit_costs.examples, strict=True)),
            "reports": counts.log_lines * unit_costs.log_line,
            "looks": counts.health_checks * unit_costs.health_check,
            "checks": counts.checks * unit_costs.check,
            "sheets": counts.sample_grids * unit_costs.sample_grid,
        }
        saved = counts.checkpoints + self.work_schedule.by_the_clock(sum(found.values()), stop - start, horizon)
        return found | {"checkpoints": saved * unit_costs.checkpoint}

    def closing(self, horizon: int) -> float:
        """Seconds from the last round to the return of the command."""
        return self.unit_costs.closing + self.work_schedule.frames(horizon) * self.unit_costs.frame

    def whole(self, horizon: int) -> dict[str, float]:
        """Seconds from the command to its return, by kind of work."""
        training = self.seconds(0, horizon, horizon)
        return {"start": self.unit_costs.opening, **training, "end": self.closing(horizon)}

    def left(self, seen: int, horizon: int) -> float:
        """Seconds from the moment at which `seen` images were seen to the return of the command."""
        return sum(self.seconds(seen, horizon, horizon).values()) + self.closing(horizon)

    def within(self, seconds: float, seen: int = 0) -> int:
        """The largest horizon that is reached within so many seconds; one image more than was seen, at least."""
        low, high = seen + 1, seen + 2
        while self.left(seen, high) <= seconds:
            low, high = high, seen + 2 * (high - seen)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(seen, middle) <= seconds else (low, middle)
        return low

    def bytes(self, horizon: int, weights: FileSizes) -> dict[str, float]:
        """The run folder at the end, by kind of file."""
        counts = self.work_schedule.counts(0, horizon, horizon)
        seconds = sum(self.seconds(0, horizon, horizon).values())
        return {
            "checkpoints": self.work_schedule.kept(seconds, horizon) * weights.checkpoint,
            "sheets": (1 + counts.sample_grids) * weights.sample_grid,
            "log": counts.log_lines * weights.line,
            "animation": self.work_schedule.frames(horizon) * weights.frame,
            "rest": weights.rest,
        }
