"""Selection: every so many images a score of the samples, never a loss, says whether they are the best so far."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from ganwright.config.data_source import DataSource
from ganwright.config.training_config import CallbackOptions
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.discovery import take
from ganwright.core.draws import torch_seed
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.metric import Metric, TooFewError
from ganwright.judging.card import short
from ganwright.judging.judgement import BoundMetric
from ganwright.judging.real_data import RealData, set_aside
from ganwright.judging.views import ViewedSamples, Views, default_features
from ganwright.runs.run import Run

CHECKS = 20  # over the horizon, at most; and never more samples are drawn than images were seen in the meantime


class EarlyStop(Exception):  # noqa: N818 - a wish of the observer's, not an error
    """The best has not improved for as long as the user wants to wait."""


@dataclass(frozen=True)
class SelectionMetric:
    """One value of a metric, on `n` samples against real ones that no judgement takes for its reference."""

    measuring: BoundMetric
    value: str
    n: int

    @property
    def name(self) -> str:
        """fd_grey28_2k."""
        return self.measuring.named(self.value, self.n)

    def measure(self, fake: ViewedSamples) -> float:
        """Not a number where the samples cannot be measured, as when they are no finite numbers."""
        try:
            return self.measuring.measure(fake)[self.value]
        except UserError:
            return math.nan

    def improves(self, value: float, on: float | None) -> bool:
        if not math.isfinite(value) or on is None:
            return math.isfinite(value)
        return value < on if self.measuring.metric.values[self.value] == "lower" else value > on


def selection_metric(source: DataSource, callback_options: CallbackOptions) -> SelectionMetric | None:
    """What --best-by asks for, tried on real samples; a UserError when it doesn't fit the data."""
    name, n = callback_options.best_by, callback_options.best_samples
    if name is None:
        if callback_options.patience is not None:
            raise UserError("--patience needs --best-by METRIC: it waits for the best to improve.")
        return None
    metric: Metric = take("metrics", name).METRIC
    domain = source.data.domain
    views = Views(domain, default_features(domain, None) if metric.view == "features" else None)
    real = set_aside(source, views, n)
    measuring = BoundMetric(name, metric, RealData(real, real, None, {}), views)
    hindrance = measuring.hindrance(real)
    if hindrance:
        raise UserError(f"--best-by {name} cannot be measured here: {hindrance}.")
    try:
        measuring.measure(real)
    except TooFewError as error:
        raise UserError(f"--best-by {name} with --best-samples {n}: {error}") from None
    return SelectionMetric(measuring, _directed(name, metric), n)


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
    examples: int


class EarlyStopping:
    """An observer whose `best` is that of all checks; without a yardstick it never checks.

    `run` draws the samples, with the networks as they stand.
    """

    def __init__(self, run: Run, by: SelectionMetric | None, feed: Feed, horizon: int, patience: int | None) -> None:
        self.run, self.selection_metric, self.feed = run, by, feed
        self.horizon, self.max_unimproved = horizon, patience
        self.every = check_every(horizon, 1 if by is None else by.n)
        self._forget()

    def _forget(self) -> None:
        """As before the first check."""
        self.by = "" if self.selection_metric is None else self.selection_metric.name
        self.best: Best | None = None
        self.unimproved = 0  # checks since the best

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        due = clock.passed(self.every, size) or clock.examples >= self.horizon
        if self.selection_metric is None or not due:
            return
        value = self.measured(self.selection_metric)
        if self.selection_metric.improves(value, None if self.best is None else self.best.value):
            self.best, self.unimproved = Best(value, clock.examples), 0
        else:
            self.unimproved += 1

    def stop_early(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        """An observer that comes after the one that saves: raises Unimproved."""
        if self.exhausted:
            raise EarlyStop

    @property
    def exhausted(self) -> bool:
        return self.max_unimproved is not None and self.unimproved >= self.max_unimproved

    @property
    def words(self) -> dict[str, Any]:
        """For the log."""
        return {} if self.selection_metric is None else {"best": None if self.best is None else asdict(self.best)}

    @property
    def sentences(self) -> list[str]:
        """What there is to say at the end."""
        if self.selection_metric is None:
            return []
        found = f"No check of {self.by} gave a number."
        if self.best is not None:
            found = f"Best: {self.by} {short(self.best.value)} at {self.best.examples:,} images (--checkpoint best)."
        waited = f"{self.by} has not improved in {self.unimproved} checks"
        return [found, *[f"Stopped early: {waited}; a larger --patience goes on."] * self.exhausted]

    def state_dict(self) -> dict[str, Any]:
        best = None if self.best is None else asdict(self.best)
        return {"by": self.by, "best": best, "unimproved": self.unimproved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """What was chosen by another score is no match for this one."""
        if self.selection_metric is not None and state["by"] != self.selection_metric.name:
            return self._forget()
        self.by, self.unimproved = state["by"], state["unimproved"]
        self.best = None if state["best"] is None else Best(**state["best"])

    def measured(self, by: SelectionMetric) -> float:
        """The same value in every process: that of the first; the same latents at every check."""
        value = math.nan
        if ranks.rank() == 0:
            seed = torch_seed("selection", self.feed.seed)
            samples, conditions = self.run.stored_samples(by.n, seed), self.run.stored_conditions(by.n, seed)
            value = by.measure(ViewedSamples(by.measuring.views, samples, conditions))
        return float(ranks.broadcast_first(torch.tensor([value], device=self.feed.machine.device)).item())
