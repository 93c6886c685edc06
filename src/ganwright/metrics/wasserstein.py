"""The 1-Wasserstein distance of two sets of points, by an optimal assignment of one to the other."""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core import draws
from ganwright.core.errors import MissingExtraError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import two_sets
from ganwright.metrics._neighbours import direct

COUNT = 1000  # points of each set; the assignment takes the cube of it


def wasserstein(fake: Array, real: Array, count: int = COUNT) -> float:
    """The least mean distance, in the points' units, that moves the fakes onto the real points.

    `fake` is [n, d], `real` [m, d]. Both are cut to min(n, m, count) points, a fixed random choice where some are left
    out; for those the value is exact. It is above 0 for equal distributions, more so the fewer points: compare it with
    what real points reach. A UserError for points that are not finite or differ in dimension, a MissingExtraError
    without scipy.
    """
    one, other = two_sets(fake, real)
    size = min(len(one), len(other), count)
    one, other = _some(one, size), _some(other, size)
    # W1 = min over permutations p of 1/n sum_i |x_i - y_p(i)| (the vertices of the transport polytope, Birkhoff)
    distances = direct(one, other)
    return float(distances[_assignment(distances)].mean())


def _some(points: Array, size: int) -> Array:
    if len(points) == size:
        return points
    return points[draws.generator("wasserstein", len(points)).permutation(len(points))[:size]]


def _assignment(costs: Array) -> tuple[Array, Array]:
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError:
        raise MissingExtraError("metrics", "the Wasserstein distance of points") from None
    rows, columns = linear_sum_assignment(costs)
    return rows, columns


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"w1": wasserstein(compared.fake.values, compared.real.values)}


METRIC = Metric(view="points", values={"w1": "lower"}, measure=_measure)
