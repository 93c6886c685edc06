"""The 1-Wasserstein distance of two sets of points by optimal assignment."""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core import draws
from ganwright.core.errors import MissingExtraError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import two_sets
from ganwright.metrics._neighbours import direct

MAX_COUNT = 1000  # points of each set; the cost of the assignment is cubic


def wasserstein(fake: Array, real: Array, count: int = MAX_COUNT) -> float:
    """The least mean distance, in the points' units, that moves the fakes onto the real points.

    `fake` is [n, d], `real` [m, d]. Both are cut to min(n, m, count) points, by a fixed random choice if some are left
    out; for these the value is exact. It is positive also for equal distributions, and larger for fewer points: compare
    it with that of real points. Raises UserError for points that are not finite or differ in dimension, and
    MissingExtraError without scipy.
    """
    one, other = two_sets(fake, real)
    size = min(len(one), len(other), count)
    one, other = _subset(one, size), _subset(other, size)
    # W1 = min over permutations p of 1/n sum_i |x_i - y_p(i)| (the vertices of the transport polytope, Birkhoff)
    distances = direct(one, other)
    return float(distances[_assignment(distances)].mean())


def _subset(points: Array, size: int) -> Array:
    if len(points) == size:
        return points
    return points[draws.generator("wasserstein", len(points)).permutation(len(points))[:size]]


def _assignment(costs: Array) -> tuple[Array, Array]:
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError:
        raise MissingExtraError("metrics", "The Wasserstein distance of points") from None
    rows, columns = linear_sum_assignment(costs)
    return rows, columns


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"w1": wasserstein(compared.fake.values, compared.real.values)}


METRIC = Metric(view="points", values={"w1": "lower"}, measure=_measure)
