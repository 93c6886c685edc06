"""Early stopping: a score of the samples, never a loss, selects the best checkpoint and may end the run."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, NotRequired

import torch
from pydantic import with_config
from typing_extensions import TypedDict

from ganwright.config.data_source import DataSource
from ganwright.config.training_config import CallbackOptions
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.discovery import load_module
from ganwright.core.draws import torch_seed
from ganwright.core.errors import UserError
from ganwright.core.every import Every
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.metric import Metric, TooFewError
from ganwright.core.schema import EXACT, Count, Finite
from ganwright.judging.card import short
from ganwright.judging.judgement import BoundMetric
from ganwright.judging.real_data import RealData, aside_in_words, set_aside
from ganwright.judging.views import ViewedSamples, Views, default_features
from ganwright.runs.finite import NotFiniteError
from ganwright.runs.run import Run

DEFAULT = "frechet"  # file of the metric by which --patience chooses
CHECKS = 20  # over the horizon, at most; a check draws no more samples than examples were seen since the last one


@dataclass(frozen=True)
class SelectionMetric:
    """One value of a metric, on `n` samples against real ones of `split`, which are in no judgement's reference."""

    measuring: BoundMetric
    value: str
    n: int
    split: str = ""  # in words

    @property
    def name(self) -> str:
        """Such as fd_grey28_2k."""
        return self.measuring.named(self.value, self.n)

    def measure(self, fake: ViewedSamples) -> float:
        """The value; NaN where the samples cannot be measured, for example because they are not finite."""
        try:
            return self.measuring.measure(fake)[self.value]
        except UserError:
            return math.nan

    def improves(self, value: float, on: float | None) -> bool:
        if not math.isfinite(value) or on is None:
            return math.isfinite(value)
        return value < on if self.measuring.metric.values[self.value] == "lower" else value > on


def selection_metric(source: DataSource, callback_options: CallbackOptions) -> SelectionMetric | None:
    """The metric of --best-by, tried on real samples; a UserError where it doesn't fit the data.

    With --patience alone it is DEFAULT, in the features of `judge`, for data that have features.
    """
    name, n, domain = callback_options.best_by, callback_options.best_samples, source.data.domain
    if not callback_options.selects:
        return None
    if name is None and domain.default_features is None:
        raise UserError("--patience needs --best-by METRIC: it waits for the best to improve.")
    name = name or DEFAULT
    metric: Metric = load_module("metrics", name).METRIC
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
    return SelectionMetric(measuring, _directed(name, metric), n, aside_in_words(source))


def _directed(name: str, metric: Metric) -> str:
    """The metric's first value that is better when lower, or when higher."""
    for value, better in metric.values.items():
        if better != "as real":
            return value
    raise UserError(f"--best-by {name}: it is the better the nearer to real data, so it has no best; try another.")


def selection_interval(horizon: int, n: int) -> Every:
    """When `n` samples are scored in a run of that horizon, besides its end."""
    return Every(max(horizon // CHECKS, n))


@dataclass(frozen=True)
class Best:
    """The best score so far, and the examples seen when it was reached."""

    value: float
    examples: int


@with_config(EXACT)
class BestState(TypedDict):
    """See `Best`."""

    value: Finite
    examples: Count


@with_config(EXACT)
class EarlyStoppingState(TypedDict):
    """The metric's name, the part of the data that it compares with, its best value, and the checks since then."""

    by: str
    split: NotRequired[str]
    best: BestState | None
    unimproved: Count


class EarlyStopping:
    """A callback that scores samples and remembers the best score; without a `metric` it does nothing.

    `run` draws the samples from the networks as they stand. `patience` is the number of checks without a better score
    after which it sets `horizon.stopped`; None never does.
    """

    def __init__(
        self, run: Run, metric: SelectionMetric | None, feed: Feed, horizon: Horizon, patience: int | None
    ) -> None:
        self.run, self.metric, self.feed, self.horizon, self.patience = run, metric, feed, horizon, patience
        self.every = selection_interval(horizon.planned, 1 if metric is None else metric.n)
        self._reset()

    def _reset(self) -> None:
        """As before the first check."""
        self.by, self.split = ("", "") if self.metric is None else (self.metric.name, self.metric.split)
        self.best: Best | None = None
        self.unimproved = 0  # checks since the best
        self.horizon.stopped = False

    def __call__(self, clock: Clock, played: Played) -> None:
        due = self.every.due(clock.examples - played.examples, clock.examples) or self.horizon.reached(clock)
        if self.metric is None or not due:
            return
        value = self.measured(self.metric)
        if self.metric.improves(value, None if self.best is None else self.best.value):
            self.best, self.unimproved = Best(value, clock.examples), 0
        else:
            self.unimproved += 1
        self.horizon.stopped = self.exhausted

    @property
    def exhausted(self) -> bool:
        return self.patience is not None and self.unimproved >= self.patience

    @property
    def log_entry(self) -> dict[str, Any]:
        """What a log line says of it."""
        return {} if self.metric is None else {"best": None if self.best is None else asdict(self.best)}

    @property
    def sentences(self) -> list[str]:
        """For the summary at the end of a run."""
        if self.metric is None:
            return []
        found = f"No check of {self.by} gave a number."
        if self.best is not None:
            found = f"Best: {self.by} {short(self.best.value)} at {self.best.examples:,} examples (--checkpoint best)."
        waited = f"{self.by} has not improved in {self.unimproved} checks"
        return [found, *[f"Stopped early: {waited}; a larger --patience resumes the run."] * self.exhausted]

    def state_dict(self) -> EarlyStoppingState:
        best: BestState | None = None
        if self.best is not None:
            best = BestState(value=self.best.value, examples=self.best.examples)
        return {"by": self.by, "split": self.split, "best": best, "unimproved": self.unimproved}

    def load_state_dict(self, state: EarlyStoppingState) -> None:
        """A best score by another metric is forgotten."""
        if self.metric is not None and state["by"] != self.metric.name:
            return self._reset()
        self.by, self.split, self.unimproved = state["by"], state.get("split", ""), state["unimproved"]
        best = state["best"]
        self.best = None if best is None else Best(best["value"], best["examples"])
        self.horizon.stopped = self.exhausted

    def measured(self, by: SelectionMetric) -> float:
        """The score, the same in every process (that of rank 0) and on the same latents at every check."""
        value = math.nan
        if ranks.rank() == 0:
            seed = torch_seed("selection", self.feed.seed)
            with suppress(NotFiniteError):  # the verdict tells of it
                samples, conditions = self.run.stored_samples(by.n, seed), self.run.stored_conditions(by.n, seed)
                value = by.measure(ViewedSamples(by.measuring.views, samples, conditions))
        return float(ranks.broadcast_first(torch.tensor([value], device=self.feed.machine.device)).item())
