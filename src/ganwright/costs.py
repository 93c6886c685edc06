"""What a run costs until its horizon: how often each kind of work comes, and the seconds and bytes of one of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ganwright.artefacts import FRAMES
from ganwright.commission import Commission, Reporting
from ganwright.core.recipe import Recipe, Showing
from ganwright.core.turn import Stage
from ganwright.health.watch import look_every
from ganwright.judging.selection import Yardstick, check_every
from ganwright.observers import healthy_every, report_every


@dataclass(frozen=True)
class Prices:
    """Seconds: `opening` and `closing` once a run, `images` for one real image in each stage, the others for one each.

    A `frame` is one of the animation that a run leaves.
    """

    opening: float
    images: tuple[float, ...]
    report: float
    look: float
    check: float
    sheet: float
    checkpoint: float
    frame: float
    closing: float


@dataclass(frozen=True)
class Weights:
    """Bytes of one of each on the disk; `rest` is whatever is there once."""

    line: float  # of the log
    sheet: float
    checkpoint: float
    frame: float
    rest: float


@dataclass(frozen=True)
class Counts:
    """How often each kind of work comes between two moments of a run."""

    images: tuple[int, ...]  # in each stage
    reports: int
    looks: int
    checks: int
    sheets: int
    checkpoints: int  # but those that the clock on the wall asks for


@dataclass(frozen=True)
class Occasions:
    """What decides how often each kind of work comes.

    `batch` are the real images of a round, `stages` say until when each is played; `checked` the samples
    of a check of --best-by, None where there is none. A healthy run is assumed.
    """

    batch: int
    stages: tuple[Stage, ...]
    showing: Showing
    reporting: Reporting
    checked: int | None

    @classmethod
    def of(cls, commission: Commission, recipe: Recipe, by: Yardstick | None) -> Occasions:
        """Those of a session."""
        checked = None if by is None else by.n
        return cls(recipe.order.batch, recipe.stages, recipe.showing, commission.reporting, checked)

    def counts(self, start: int, stop: int, horizon: int) -> Counts:
        """What comes after `start` images and until `stop`; the end brings one more of some kinds."""
        ended = stop >= horizon
        rounds = math.ceil((stop - start) / self.batch)

        def often(every: int | None, last: bool = False) -> int:
            if every is None:
                return 0
            odd = last and ended and horizon % every != 0
            return min(stop // every - start // every + odd, rounds)

        return Counts(
            tuple(self._in_stages(start, stop, horizon)),
            often(self.reporting.report_every or report_every(horizon), last=True),
            often(look_every(horizon)),
            often(None if self.checked is None else check_every(horizon, self.checked), last=True),
            self.sheets(start, stop, horizon),
            often(healthy_every(horizon), last=True) + often(self.keep_every),
        )

    def sheets(self, start: int, stop: int, horizon: int) -> int:
        """Sheets drawn after `start` images and until `stop`."""
        first, every = self.showing.first, self.showing.interval(horizon)
        drawn = max((stop - first) // every + 1, 0) - max((start - first) // every + 1, 0)
        odd = stop >= horizon and (horizon < first or (horizon - first) % every != 0)
        return min(drawn + odd, math.ceil((stop - start) / self.batch))

    def frames(self, horizon: int) -> int:
        """Those of the animation, the untrained generator's among them."""
        return min(1 + self.sheets(0, horizon, horizon), FRAMES)

    def by_the_clock(self, seconds: float, images: int, horizon: int) -> int:
        """Checkpoints that the clock on the wall asks for in so many seconds: each of the others sets it back."""
        if self.reporting.checkpoint_seconds == 0:
            return math.ceil(images / self.batch)
        gap = seconds * min(healthy_every(horizon) / max(images, 1), 1.0)  # between two of the others
        return round(seconds / gap * (gap // self.reporting.checkpoint_seconds)) if gap > 0 else 0

    def kept(self, seconds: float, horizon: int) -> int:
        """Checkpoints at the end: the last two, the healthy one before the last, the best, those kept for good."""
        late = self.by_the_clock(seconds, horizon, horizon) > 0  # then the last but one is no healthy one
        best = self.checked is not None
        kept = 0 if self.keep_every is None else horizon // self.keep_every
        return min(2 + late + best + max(kept - 1, 0), math.ceil(horizon / self.batch))

    @property
    def keep_every(self) -> int | None:
        """Images between two checkpoints that are kept for good."""
        return self.reporting.keep_every or self.showing.keep_every

    def _in_stages(self, start: int, stop: int, horizon: int) -> list[int]:
        found, began = [], 0
        for stage in self.stages:
            end = stage.end(began, horizon)
            found.append(max(min(end, stop) - max(began, start), 0))
            began = end
        return found


@dataclass(frozen=True)
class Costs:
    """Everything that is known of a run's costs before it begins."""

    occasions: Occasions
    prices: Prices

    def seconds(self, start: int, stop: int, horizon: int) -> dict[str, float]:
        """Seconds of training between two moments, by kind of work."""
        counts, prices = self.occasions.counts(start, stop, horizon), self.prices
        found = {
            "rounds": sum(n * each for n, each in zip(counts.images, prices.images, strict=True)),
            "reports": counts.reports * prices.report,
            "looks": counts.looks * prices.look,
            "checks": counts.checks * prices.check,
            "sheets": counts.sheets * prices.sheet,
        }
        saved = counts.checkpoints + self.occasions.by_the_clock(sum(found.values()), stop - start, horizon)
        return found | {"checkpoints": saved * prices.checkpoint}

    def closing(self, horizon: int) -> float:
        """Seconds from the last round to the return of the command."""
        return self.prices.closing + self.occasions.frames(horizon) * self.prices.frame

    def whole(self, horizon: int) -> dict[str, float]:
        """Seconds from the command to its return, by kind of work."""
        training = self.seconds(0, horizon, horizon)
        return {"start": self.prices.opening, **training, "end": self.closing(horizon)}

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

    def bytes(self, horizon: int, weights: Weights) -> dict[str, float]:
        """The run folder at the end, by kind of file."""
        counts = self.occasions.counts(0, horizon, horizon)
        seconds = sum(self.seconds(0, horizon, horizon).values())
        return {
            "checkpoints": self.occasions.kept(seconds, horizon) * weights.checkpoint,
            "sheets": (1 + counts.sheets) * weights.sheet,
            "log": counts.reports * weights.line,
            "animation": self.occasions.frames(horizon) * weights.frame,
            "rest": weights.rest,
        }
