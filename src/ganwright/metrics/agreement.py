"""Agreement: are the fakes of the classes that they were asked to be, as a linear probe of their features sees them?"""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics import _probe
from ganwright.metrics._checked import classes, vectors


def agreement(seen: Array, asked: Array) -> float:
    """The share of samples whose class seen [n] is the class asked for [n]; a UserError when the numbers differ."""
    if len(seen) != len(asked) or not len(seen):
        raise UserError(f"{len(seen):,} classes seen cannot be compared with {len(asked):,} asked for.")
    return float((seen == asked).mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    fake = vectors("fakes", compared.fake.values)
    return {"agreement": agreement(_probe.fitted(compared).seen(fake), classes("fakes", compared.fake))}


METRIC = Metric(
    view="features",
    values={"agreement": "higher"},
    measure=_measure,
    needs=frozenset({"labels", "train", "conditions"}),
)
