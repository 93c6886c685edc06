"""Agreement: the share of fakes that a linear probe of their features assigns to the requested class."""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics import _probe
from ganwright.metrics._checked import classes, vectors


def agreement(predicted: Array, requested: Array) -> float:
    """The share of samples whose predicted class [n] is the requested one [n].

    Raises UserError if the numbers differ or are 0.
    """
    if len(predicted) != len(requested) or not len(predicted):
        raise UserError(f"{len(predicted):,} predicted and {len(requested):,} requested classes cannot be compared.")
    return float((predicted == requested).mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    fake = vectors("fakes", compared.fake.values)
    return {"agreement": agreement(_probe.fitted(compared).predict(fake), classes("fakes", compared.fake))}


METRIC = Metric(
    view="features",
    values={"agreement": "higher"},
    measure=_measure,
    needs=frozenset({"labels", "train", "conditions"}),
)
