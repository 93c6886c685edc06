"""The share of generated sounds that a small classifier assigns to the requested class."""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._checked import classes
from ganwright.metrics._sound_classifier import fitted
from ganwright.metrics.agreement import agreement


def _measure(compared: Compared) -> Mapping[str, float]:
    predicted = fitted(compared).probabilities(compared.fake.values).argmax(axis=1)
    return {"classifier agreement": agreement(predicted, classes("fakes", compared.fake))}


METRIC = Metric(
    view="spectrograms",
    values={"classifier agreement": "higher"},
    measure=_measure,
    needs=frozenset({"labels", "train", "conditions"}),
)
