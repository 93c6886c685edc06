"""The sliced Wasserstein distance of two sets of points, in the points' units.

Rabin, Peyré, Delon & Bernot, Wasserstein barycenter and its application to texture mixing, 2011.
"""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import two_sets
from ganwright.metrics._transport import directions, on_lines

DIRECTIONS = 500


def sliced_points(fake: Array, real: Array, count: int = DIRECTIONS) -> float:
    """The mean over `count` fixed directions of the exact 1-Wasserstein distance of the projections.

    `fake` is [n, d], `real` [m, d]; n and m may differ. Raises UserError for points that are not finite or differ in
    dimension.
    """
    one, other = two_sets(fake, real)
    onto = directions(one.shape[1], count)
    return float(on_lines(one @ onto, other @ onto).mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"sliced w1": sliced_points(compared.fake.values, compared.real.values)}


METRIC = Metric(view="points", values={"sliced w1": "lower"}, measure=_measure)
