"""Exact nearest neighbours by brute force: screened in float32, decided in float64, in blocks.

|x - y|^2 = |x|^2 + |y|^2 - 2 x.y is a matrix product, fast in float32 but rounded. Each screened value is lowered by a
bound of its error, so it is a lower bound; the few undecided pairs are computed directly in float64. Distances and
decisions are therefore those of float64, also for coincident samples.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from ganwright.core.metric import Array

BLOCK, MIN_ROWS = 1 << 23, 128  # pairs screened at a time, 32 MB; rows, as fewer make the product slow
PAIRS = 1 << 12  # pairs computed at a time
PAIR_COST = 10  # cost of a single pair in units of a pair in a full block


def nearest(points: Array, among: Array, count: int = 1, *, itself: bool = False) -> tuple[Array, Array]:
    """Distances float64 [n, count], nearest first, and rows int64 [n, count] of `among` [m, d], for `points` [n, d].

    With `itself`, `points` is `among` and no row is its own neighbour. `count` is at most the number of neighbours.
    """
    screen = _Screen(points, among)
    distances, rows = np.empty((len(points), count)), np.empty((len(points), count), dtype=np.int64)
    for part in screen.parts():
        low = screen.lowered(part)
        if itself:
            low[np.arange(len(low)), np.arange(part.start, part.stop)] = np.inf
        pairs = np.flatnonzero(low <= screen.limit(part, low, count))
        exact = _distances(points[part], among, pairs)
        row, column = np.divmod(pairs, len(among))
        order = np.lexsort((exact, row))
        first = np.searchsorted(row, np.arange(len(low)))[:, None] + np.arange(count)  # `row` ascends
        distances[part], rows[part] = exact[order][first], column[order][first]
    return distances, rows


def radii(points: Array, k: int) -> Array:
    """Distance of each row of `points` [n, d] to its k-th nearest other row, float64 [n]; k below n."""
    return nearest(points, points, k, itself=True)[0][:, -1]


def inside(points: Array, centres: Array, radii: Array) -> Iterator[Array]:
    """Yields blocks of bool [rows, m]: which `points` [n, d] lie in which closed ball around `centres` [m, d]."""
    screen = _Screen(points, centres, radii)
    for part in screen.parts():
        low = screen.lowered(part)
        within = low <= 0
        pairs = np.flatnonzero(within & (low >= screen.open_from))
        within.flat[pairs] = _distances(points[part], centres, pairs) <= radii[pairs % len(centres)]
        yield within


def _distances(points: Array, among: Array, pairs: Array) -> Array:
    """Distances float64 of pairs by flat index; both branches use one routine, so equal pairs agree bit for bit."""
    if len(pairs) * PAIR_COST > len(points) * len(among):
        return direct(points, among).ravel()[pairs]
    result = np.empty(len(pairs))
    for start in range(0, len(pairs), PAIRS):
        row, column = np.divmod(pairs[start : start + PAIRS], len(among))
        result[start : start + PAIRS] = direct(points[row, None], among[column, None])[:, 0, 0]
    return result


def direct(x: Array, y: Array) -> Array:
    """Distances [..., n, m] of [..., n, d] and [..., m, d] without expanding the square."""
    mode = "donot_use_mm_for_euclid_dist"
    return np.asarray(torch.cdist(torch.from_numpy(x), torch.from_numpy(y), compute_mode=mode).numpy())


class _Screen:
    """|x - y|^2 - r^2 of all pairs in float32, lowered by a bound of its error; in units of the largest norm.

    It is one product: (-2x, |x|^2, 1).(y, 1, |y|^2 - r^2). The sizes of its terms sum to at most
    2 (|x|^2 + |y|^2) + r^2, and they are rounded d + 2 times by half an epsilon, so c (|x|^2 + |y|^2 + r^2) with
    c = (d + 8) epsilon bounds the error (Higham, Accuracy and stability of numerical algorithms, 2002, section 3.1).
    """

    def __init__(self, points: Array, among: Array, radii: Array | float = 0.0) -> None:
        centre = among.mean(axis=0)
        x, y = points - centre, among - centre  # short vectors have smaller rounding errors
        scale = np.sqrt(max(_norms(x).max(), _norms(y).max())) or 1.0
        x /= scale
        y /= scale
        squares = np.square(radii / scale)
        c = (points.shape[1] + 8) * float(np.finfo(np.float32).eps)
        y_term = (1 - c) * _norms(y) - (1 + c) * squares
        self._left = _columns(x, (1 - c) * _norms(x), 1.0)
        self._left[:, :-2] *= -2
        self._right = _columns(y, 1.0, y_term).T
        self._c, self._sizes = c, _norms(x)
        # A pair with d > r and a value below 0 has a value above this: |x|^2 <= 2 |y|^2 + 2 d^2 in the bound.
        self.open_from = (-6 * c * (_norms(y) + squares)).astype(np.float32)  # [m]

    def parts(self) -> Iterator[slice]:
        """Yields the points' rows in blocks."""
        rows = max(MIN_ROWS, BLOCK // self._right.shape[1])
        for start in range(0, len(self._left), rows):
            yield slice(start, min(start + rows, len(self._left)))

    def lowered(self, part: slice) -> Array:
        """float32 [rows, m], each at most the true value and at least the true value minus twice the bound."""
        return np.asarray(self._left[part] @ self._right)

    def limit(self, part: slice, low: Array, count: int) -> Array:
        """float32 [rows, 1]: an upper bound of the lowered values of a row's `count` nearest (all radii 0).

        With v the count-th smallest, `count` pairs have d^2 <= v + 2c (|x|^2 + |y|^2), where |y|^2 <= 2 |x|^2 + 2 d^2.
        """
        smallest = np.partition(_minima(low, max(count, low.shape[1] // 64)), count - 1, axis=1)[:, count - 1]
        limit = (smallest + 6 * self._c * self._sizes[part]) / (1 - 4 * self._c)
        return np.asarray(np.nextafter(limit.astype(np.float32), np.float32(np.inf))[:, None])


def _minima(low: Array, groups: int) -> Array:
    """[rows, groups]: the minimum over every `groups`-th column; their count-th smallest is a cheap upper bound."""
    minima = low[:, :groups].copy()
    for start in range(groups, low.shape[1], groups):
        columns = low[:, start : start + groups]
        np.minimum(minima[:, : columns.shape[1]], columns, out=minima[:, : columns.shape[1]])
    return minima


def _columns(x: Array, second_last: Array | float, last: Array | float) -> Array:
    """float32 [n, d + 2]: the columns of `x` and two more."""
    result = np.empty((len(x), x.shape[1] + 2), dtype=np.float32)
    result[:, :-2], result[:, -2], result[:, -1] = x, second_last, last
    return result


def _norms(x: Array) -> Array:
    """|x|^2 of each row."""
    return np.asarray(np.square(x).sum(axis=1))
