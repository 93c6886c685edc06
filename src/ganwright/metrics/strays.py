"""Points between the modes, parts of the data without points, and points that are repeated."""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._checked import two_sets
from ganwright.metrics._outliers import outliers


def strays(compared: Compared) -> Mapping[str, float]:
    """Shares of points, see `outliers`. Raises UserError for points that are not finite or differ in dimension."""
    return outliers(*two_sets(compared.fake.values, compared.real.values))


METRIC = Metric("points", {"strays": "lower", "missing": "lower", "repeated": "lower"}, strays)
