"""A judgement: every metric that fits, on the samples and on real data in their place, becomes a card."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganwright.core import ranks
from ganwright.core.discovery import names, take
from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, TooFewError
from ganwright.judging.cache import cached
from ganwright.judging.card import Card, Estimate, Score, counted
from ganwright.judging.real_data import RealData
from ganwright.judging.subjects import Subject
from ganwright.judging.views import ViewedSamples, Views
from ganwright.version import __version__

Measured = dict[str, float]


@dataclass(frozen=True)
class BoundMetric:
    """One metric on one real side, with what keeps it from being measured there, if anything does."""

    name: str
    metric: Metric
    reals: RealData
    views: Views

    def hindrance(self, fake: ViewedSamples) -> str:
        """Why the metric cannot be measured here, or nothing."""
        if not self.views.has(self.metric.view):
            return f"it compares {self.metric.view}, and these are {self.views.domain.describe()}"
        lacking = {
            "labels": self.reals.reference.labels is None and "labelled real data",
            "conditions": fake.labels is None and "samples with the conditions they were asked for",
            "train": self.reals.train is None and "a test part that was not trained on",
            "pairs": "pairs (--pairs)",
        }
        return " and ".join(f"it needs {lacking[need]}" for need in sorted(self.metric.needs) if lacking[need])

    def measure(self, fake: ViewedSamples) -> Measured:
        view = self.metric.view
        train = self.reals.train(view) if self.reals.train is not None and "train" in self.metric.needs else None
        return dict(self.metric.measure(Compared(fake(view), self.reals.reference(view), train)))

    def baseline(self, sets: Sequence[ViewedSamples]) -> list[Measured]:
        """Real samples in the place of fakes, kept for the next time; nothing where there are too few.

        Where the training samples are needed, what was set aside from them would be compared with itself: then each
        half of the held-out reference is compared with the other.
        """
        real, code = self.reals, inspect.getsource(take("metrics", self.name))
        words = [
            self.name,
            code,
            __version__,
            self.views.protocol,
            real.reference.content,
            [one.content for one in sets],
        ]
        values = cached("floors", [*words, real.train and real.train.content], lambda: self._floor(sets))
        return [dict(zip(self.metric.values, row, strict=True)) for row in values.tolist()]

    def _floor(self, sets: Sequence[ViewedSamples]) -> Array:
        """[sets, values]."""
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
        """fd_grey28_10k; in the features of Inception-v3, and only there, a Fréchet distance is called FID."""
        features = self.views.features.name if self.views.features and self.metric.view == "features" else ""
        if (value, features) == ("fd", "inception"):
            value, features = "fid", ""
        return "_".join(filter(None, [value.replace(" ", "_"), features, counted(n)]))


def judge(
    subject: Subject, whole: ViewedSamples, reals: RealData, views: Views, asked: Sequence[str], draws: int
) -> Card:
    """The card of the subject's `whole`, each value repeated `draws` times; all metrics that fit, or those asked for.

    Several processes, which call this together, deal the work out and get the same card. A UserError when a metric
    that was asked for doesn't fit.
    """
    n = len(whole)
    fitting, left_out = _fitting(asked, reals, views, whole)
    in_features = any(one.metric.view == "features" for one in fitting)
    fakes = [whole, *subject.others(views, n, draws)]
    for fake in fakes if in_features else []:
        fake.share_features()
    with ranks.rank_zero_first():  # what is computed of real data comes from the cache the second time
        baselines = list(reals.baselines(n, draws))
        if in_features:
            reals.reference("features")
    parts = ranks.sharded(len(fitting), lambda place: _values(fitting[place], subject, fakes, baselines, n))
    values = [value for part in parts for value in part]
    protocol: dict[str, Any] = {
        "samples": n,
        "draws": draws,
        **({"metrics": list(asked)} if asked else {}),
        **subject.protocol,
        **reals.protocol,
        "samples of the floor": [len(baseline) for baseline in baselines],
        "features": views.protocol,
    }
    return Card(subject.name, tuple(values), protocol | ({"left out": left_out} if left_out else {}))


def _fitting(
    asked: Sequence[str], reals: RealData, views: Views, fake: ViewedSamples
) -> tuple[list[BoundMetric], dict[str, str]]:
    """The metrics to measure, and why others are not."""
    candidates = [BoundMetric(name, take("metrics", name).METRIC, reals, views) for name in asked or names("metrics")]
    hindered = {one.name: reason for one in candidates if (reason := one.hindrance(fake))}
    if asked and hindered:
        name, reason = next(iter(hindered.items()))
        raise UserError(f"--metric {name} cannot be measured here: {reason}.")
    mine = {name: reason for name, reason in hindered.items() if not reason.startswith("it compares")}
    return [one for one in candidates if one.name not in hindered], mine


def _values(
    one: BoundMetric, subject: Subject, fakes: Sequence[ViewedSamples], baselines: Sequence[ViewedSamples], n: int
) -> list[Score]:
    """A line for each value of a metric; where there are too few samples it says so."""
    try:
        samples = one.measure(fakes[0])
    except TooFewError as error:
        return [Score(one.named(name, n), better, None, None, str(error)) for name, better in one.metric.values.items()]
    others = _all(one, fakes[1:])
    baselines = one.reals.held_out if "train" in one.metric.needs else baselines
    baseline = one.baseline(baselines)
    note = "" if len(baselines[0]) == n else f"floor of {len(baselines[0]):,} samples"
    return [
        Score(
            one.named(name, n),
            better,
            subject.estimate(samples[name], [other[name] for other in others]),
            Estimate.of([values[name] for values in baseline]) if baseline else None,
            note if baseline else "too few real samples for a floor",
        )
        for name, better in one.metric.values.items()
    ]


def _all(one: BoundMetric, sets: Sequence[ViewedSamples]) -> list[Measured]:
    """Of each set, or of none where they are too small."""
    try:
        return [one.measure(samples) for samples in sets]
    except TooFewError:
        return []
