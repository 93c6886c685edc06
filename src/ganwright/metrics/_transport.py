"""One-dimensional optimal transport and random directions, the parts of a sliced Wasserstein distance."""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.metric import Array


def directions(dimensions: int, count: int) -> Array:
    """Unit vectors uniform on the sphere, float64 [dimensions, count]; the same ones at each call."""
    vectors = draws.generator("directions", dimensions).standard_normal((dimensions, count))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=0))


def on_lines(x: Array, y: Array) -> Array:
    """The 1-Wasserstein distance of each column of [n, k] to that of [m, k], float64 [k]; n and m may differ."""
    return np.array([_on_a_line(one, other) for one, other in zip(x.T, y.T, strict=True)])


def _on_a_line(x: Array, y: Array) -> float:
    # W1 = integral |F(t) - G(t)| dt (Vallender 1974); n m (F - G) rises by m at each x and falls by n at each y
    n, m = len(x), len(y)
    values = np.concatenate([x, y]).astype(np.float64)
    order = values.argsort()
    gap = np.where(order < n, m, -n).cumsum()[:-1]
    return float((np.abs(gap) * np.diff(values[order])).sum() / (n * m))
