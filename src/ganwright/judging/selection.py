"""Selection: every so many images a score of the samples, never a loss, says whether they are the best so far."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from ganwright.commission import Reporting
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import torch_seed
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.metric import Metric, TooFewError
from ganwright.core.shelf import take
from ganwright.judging.card import short
from ganwright.judging.judgement import Measuring
from ganwright.judging.reals import Reals, aside
from ganwright.judging.views import Seen, Views, usual_features
from ganwright.run import Run
from ganwright.sources import Source

CHECKS = 20  # over the horizon, at most; and never more samples are drawn than images were seen in the meantime


class Unimproved(Exception):  # noqa: N818 - a wish of the observer's, not an error
    """The best has not improved for as long as the user wants to wait."""


@dataclass(frozen=True)
class Yardstick:
    """One value of a metric, on `n` samples against real ones that no judgement takes for its reference."""

    measuring: Measuring
    value: str
    n: int

    @property
    def name(self) -> str:
        """fd_grey28_2k."""
        return self.measuring.named(self.value, self.n)

    def measure(self, fake: Seen) -> float:
        """Not a number where the samples cannot be measured, as when they are no finite numbers."""
        try:
            return self.measuring.measure(fake)[self.value]
        except UserError:
            return math.nan

    def improves(self, value: float, on: float | None) -> bool:
        if not math.isfinite(value) or on is None:
            return math.isfinite(value)
        return value < on if self.measuring.metric.values[self.value] == "lower" else value > on


def yardstick(source: Source, reporting: Reporting) -> Yardstick | None:
    """What --best-by asks for, tried on real samples; a UserError when it doesn't fit the data."""
    name, n = reporting.best_by, reporting.best_samples
    if name is None:
        if reporting.stop_after is not None:
            raise UserError("--stop-after needs --best-by METRIC: it waits for the best to improve.")
        return None
    metric: Metric = take("metrics", name).METRIC
    domain = source.data.domain
    views = Views(domain, usual_features(domain, None) if metric.view == "features" else None)
    real = aside(source, views, n)
    measuring = Measuring(name, metric, Reals(real, real, None, {}), views)
    hindrance = measuring.hindrance(real)
    if hindrance:
        raise UserError(f"--best-by {name} cannot be measured here: {hindrance}.")
    try:
        measuring.measure(real)
    except TooFewError as error:
        raise UserError(f"--best-by {name} with --best-samples {n}: {error}") from None
    return Yardstick(measuring, _directed(name, metric), n)


def _directed(name: str, metric: Metric) -> str:
    """The first of the values of which more, or less, is better."""
    for value, better in metric.values.items():
        if better != "as real":
            return value
    raise UserError(f"--best-by {name}: it is the better the nearer to real data, so it has no best; try another.")


def check_every(horizon: int, n: int) -> int:
    """Images between two checks of `n` samples."""
    return max(horizon // CHECKS, n)


@dataclass(frozen=True)
class Best:
    """The best score so far, and the images seen when it was reached."""

    value: float
    images: int


class Selection:
    """An observer whose `best` is that of all checks; without a yardstick it never checks.

    `run` draws the samples, with the networks as they stand.
    """

    def __init__(self, run: Run, by: Yardstick | None, feed: Feed, horizon: int, stop_after: int | None) -> None:
        self.run, self.yardstick, self.feed = run, by, feed
        self.horizon, self.stop_after = horizon, stop_after
        self.every = check_every(horizon, 1 if by is None else by.n)
        self._forget()

    def _forget(self) -> None:
        """As before the first check."""
        self.by = "" if self.yardstick is None else self.yardstick.name
        self.best: Best | None = None
        self.unimproved = 0  # checks since the best

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        due = clock.passed(self.every, size) or clock.images >= self.horizon
        if self.yardstick is None or not due:
            return
        value = self.measured(self.yardstick)
        if self.yardstick.improves(value, None if self.best is None else self.best.value):
            self.best, self.unimproved = Best(value, clock.images), 0
        else:
            self.unimproved += 1

    def patience(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        """An observer that comes after the one that saves: raises Unimproved."""
        if self.exhausted:
            raise Unimproved

    @property
    def exhausted(self) -> bool:
        return self.stop_after is not None and self.unimproved >= self.stop_after

    @property
    def words(self) -> dict[str, Any]:
        """For the log."""
        return {} if self.yardstick is None else {"best": None if self.best is None else asdict(self.best)}

    @property
    def sentences(self) -> list[str]:
        """What there is to say at the end."""
        if self.yardstick is None:
            return []
        found = f"No check of {self.by} gave a number."
        if self.best is not None:
            found = f"Best: {self.by} {short(self.best.value)} at {self.best.images:,} images (--checkpoint best)."
        waited = f"{self.by} has not improved in {self.unimproved} checks"
        return [found, *[f"Stopped early: {waited}; a larger --stop-after goes on."] * self.exhausted]

    def state_dict(self) -> dict[str, Any]:
        best = None if self.best is None else asdict(self.best)
        return {"by": self.by, "best": best, "unimproved": self.unimproved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """What was chosen by another score is no match for this one."""
        if self.yardstick is not None and state["by"] != self.yardstick.name:
            return self._forget()
        self.by, self.unimproved = state["by"], state["unimproved"]
        self.best = None if state["best"] is None else Best(**state["best"])

    def measured(self, by: Yardstick) -> float:
        """The same value in every process: that of the first; the same latents at every check."""
        value = math.nan
        if ranks.rank() == 0:
            seed = torch_seed("selection", self.feed.seed)
            samples, conditions = self.run.stored_samples(by.n, seed), self.run.stored_conditions(by.n, seed)
            value = by.measure(Seen(by.measuring.views, samples, conditions))
        return float(ranks.of_first(torch.tensor([value], device=self.feed.machine.device)).item())
