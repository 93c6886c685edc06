"""A judgement: measures every applicable metric on samples and on real data, and returns a card."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganwright.core import ranks
from ganwright.core.discovery import load_module, names
from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, Samples, TooFewError
from ganwright.judging.cache import cached
from ganwright.judging.card import Card, Estimate, Score, counted
from ganwright.judging.real_data import RealData
from ganwright.judging.subjects import Subject
from ganwright.judging.views import ViewedSamples, Views
from ganwright.version import __version__

Measured = dict[str, float]

ELSEWHERE = {"pairs", "continuations"}  # needs of metrics that pairs.py and forecasts.py measure


@dataclass(frozen=True)
class BoundMetric:
    """A metric bound to the real data it compares with, and to the views it compares in."""

    name: str
    metric: Metric
    reals: RealData
    views: Views

    def hindrance(self, fake: ViewedSamples) -> str:
        """Returns why the metric cannot be measured on these samples; an empty string if it can."""
        if not self.views.has(self.metric.view):
            return f"it compares {self.metric.view}, and these are {self.views.domain.describe()}"
        lacking = {
            "labels": self.reals.reference.labels is None and "labelled real data",
            "conditions": fake.labels is None and "samples with their conditions",
            "train": self.reals.train is None and "a test part held out from training",
            "pairs": "pairs (--pairs)",
            "continuations": "a run that continues series (--given)",
        }
        needed = [f"it needs {lacking[need]}" for need in sorted(self.metric.needs) if lacking[need]]
        return " and ".join(needed) or self.metric.unfit(self.few)

    @property
    def few(self) -> Samples:
        """The reference in the metric's view; of features, the first picture that they are computed of."""
        view = self.metric.view
        if view != "features":
            return self.reals.reference(view)
        return self.views.domain.viewed(view, self.reals.reference.stored[:1])

    def measure(self, fake: ViewedSamples) -> Measured:
        view = self.metric.view
        train = self.reals.train(view) if self.reals.train is not None and "train" in self.metric.needs else None
        return dict(self.metric.measure(Compared(fake(view), self.reals.reference(view), train)))

    def baseline(self, sets: Sequence[ViewedSamples]) -> list[Measured]:
        """Measures sets of real samples in place of generated ones, or reads the cache; empty if they are too few.

        A metric that needs training samples gets `sets` from `RealData.held_out`, the two halves of the reference, and
        each half is compared with the other: samples of the pool would be compared with themselves.
        """
        real, code = self.reals, inspect.getsource(load_module("metrics", self.name))
        key = [
            self.name,
            code,
            __version__,
            self.views.protocol,
            real.reference.content,
            (self.few.columns, self.few.static),
            [one.content for one in sets],
        ]
        values = cached("baselines", [*key, real.train and real.train.content], lambda: self._measure_baseline(sets))
        return [dict(zip(self.metric.values, row, strict=True)) for row in values.tolist()]

    def _measure_baseline(self, sets: Sequence[ViewedSamples]) -> Array:
        """Returns [sets, values]; [0, values] if there are too few samples."""
        sides = [(one, self) for one in sets]
        if "train" in self.metric.needs:
            one, other = sets
            sides = [
                (a, replace(self, reals=replace(self.reals, reference=b))) for a, b in ((one, other), (other, one))
            ]
        try:
            measured = [measuring.measure(one) for one, measuring in sides]
        except TooFewError:
            measured = []
        rows = [[values[name] for name in self.metric.values] for values in measured]
        return np.array(rows, dtype=np.float64).reshape(-1, len(self.metric.values))

    def named(self, value: str, n: int) -> str:
        """Returns a value's full name, such as fd_grey28_10k; only with Inception-v3 features it is called FID."""
        features = self.views.features.name if self.views.features and self.metric.view == "features" else ""
        if (value, features) == ("fd", "inception"):
            value, features = "fid", ""
        return "_".join(filter(None, [value.replace(" ", "_"), features, counted(n)]))


def judge(
    subject: Subject, whole: ViewedSamples, reals: RealData, views: Views, requested: Sequence[str], repetitions: int
) -> Card:
    """Measures the `requested` metrics, by default all that apply, with `draws` repetitions for the uncertainty.

    `whole` holds the subject's samples. Several processes must call this together; they shard the metrics and return
    the same card. Raises a UserError if a requested metric does not apply.
    """
    n = len(whole)
    metrics, left_out = _applicable(requested, reals, views, whole)
    in_features = any(one.metric.view == "features" for one in metrics)
    fakes = [whole, *subject.others(views, n, repetitions)]
    for fake in fakes if in_features else []:
        fake.share_features()
    with ranks.rank_zero_first():  # rank 0 fills the cache of real data, the others read it
        baselines = list(reals.baselines(n, repetitions))
        if in_features:
            reals.reference("features")
    parts = ranks.sharded(len(metrics), lambda place: _values(metrics[place], subject, fakes, baselines, n))
    values = [value for part in parts for value in part]
    protocol: dict[str, Any] = {
        "samples": n,
        "repetitions": repetitions,
        **({"metrics": list(requested)} if requested else {}),
        **subject.protocol,
        **reals.protocol,
        "baseline samples": [len(baseline) for baseline in baselines],
        "features": views.protocol,
    }
    return Card(subject.name, tuple(values), protocol | ({"left out": left_out} if left_out else {}))


def _applicable(
    requested: Sequence[str], reals: RealData, views: Views, fake: ViewedSamples
) -> tuple[list[BoundMetric], dict[str, str]]:
    """Returns the metrics to measure, and the reasons why others are left out."""
    found = [
        BoundMetric(name, load_module("metrics", name).METRIC, reals, views) for name in requested or names("metrics")
    ]
    candidates = [one for one in found if requested or not ELSEWHERE & one.metric.needs]
    hindered = {one.name: reason for one in candidates if (reason := one.hindrance(fake))}
    if requested and hindered:
        name, reason = next(iter(hindered.items()))
        raise UserError(f"--metric {name} cannot be measured here: {reason}.")
    if len(hindered) == len(candidates) and all(reason.startswith("it compares") for reason in hindered.values()):
        raise UserError(f"There is no metric for {views.domain.describe()}: see ganwright/metrics for those there are.")
    left_out = {name: reason for name, reason in hindered.items() if not reason.startswith("it compares")}
    return [one for one in candidates if one.name not in hindered], left_out


def _values(
    one: BoundMetric, subject: Subject, fakes: Sequence[ViewedSamples], baselines: Sequence[ViewedSamples], n: int
) -> list[Score]:
    """Returns a line for each value of a metric; a line without value carries the reason."""
    try:
        samples = one.measure(fakes[0])
    except TooFewError as error:
        return [Score(one.named(name, n), better, None, None, str(error)) for name, better in one.metric.values.items()]
    others = _measure_all(one, fakes[1:])
    baselines = one.reals.held_out if "train" in one.metric.needs else baselines
    baseline = one.baseline(baselines)
    note = "" if len(baselines[0]) == n else f"real data: {len(baselines[0]):,} samples"
    return [
        Score(
            one.named(name, n),
            better,
            subject.estimate(samples[name], [other[name] for other in others]),
            Estimate.of([values[name] for values in baseline]) if baseline else None,
            note if baseline else "too few real samples for a baseline",
        )
        for name, better in one.metric.values.items()
    ]


def _measure_all(one: BoundMetric, sets: Sequence[ViewedSamples]) -> list[Measured]:
    """Measures each set; returns an empty list if the sets are too small."""
    try:
        return [one.measure(samples) for samples in sets]
    except TooFewError:
        return []
