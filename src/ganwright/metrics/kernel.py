"""The kernel distance of two sets of features: the unbiased squared maximum mean discrepancy over all samples.

Bińkowski, Sutherland, Arbel & Gretton, Demystifying MMD GANs, 2018, arXiv:1801.01401 (with Inception's features: KID).
They average over subsets of 1,000 samples to limit memory; here all pairs are used in blocks, which has the same mean
and less variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import enough, two_sets

BLOCK = 1000  # rows; a block of kernel values takes 8 MB


def kernel(fake: Array, real: Array) -> float:
    """The unbiased squared MMD of `fake` [n, d] and `real` [m, d]; its mean is 0 for equal distributions.

    It may be negative. Raises UserError for features that are not finite or differ in dimension, and TooFewError below
    2 samples.
    """
    x, y = two_sets(fake, real)
    enough("fakes", len(x), 2, "The kernel distance")
    enough("real samples", len(y), 2, "The kernel distance")
    # MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y), over x != x' and y != y' (Gretton et al. 2012, equation 3)
    return _within(x) + _within(y) - 2 * _between(x, y)


def kernel_sum(x: Array, y: Array) -> float:
    """The sum over all pairs of k(x, y) = (x.y / d + 1)^3, of float64 [n, d] and [m, d]."""
    base = (x / x.shape[1]) @ y.T
    base += 1
    return float(np.einsum("ij,ij,ij->", base, base, base))


def _within(x: Array) -> float:
    """The mean over pairs of different rows; by symmetry, blocks right of the diagonal count twice."""
    total = 0.0
    for start, block in _blocks(x):
        own = ((np.square(block).sum(axis=1) / x.shape[1] + 1) ** 3).sum()  # k(x, x)
        later = sum(kernel_sum(block, other) for _, other in _blocks(x[start + len(block) :]))
        total += kernel_sum(block, block) - own + 2 * later
    return float(total / (len(x) * (len(x) - 1)))


def _between(x: Array, y: Array) -> float:
    return sum(kernel_sum(a, b) for _, a in _blocks(x) for _, b in _blocks(y)) / (len(x) * len(y))


def _blocks(x: Array) -> Iterator[tuple[int, Array]]:
    for start in range(0, len(x), BLOCK):
        yield start, x[start : start + BLOCK]


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"kd": kernel(compared.fake.values, compared.real.values)}


METRIC = Metric(view="features", values={"kd": "lower"}, measure=_measure)
