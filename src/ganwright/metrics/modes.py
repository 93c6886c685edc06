"""Modes of a mixture of Gaussians: number of modes found, share of high-quality points, divergence and widths.

Srivastava et al., VEEGAN, 2017, arXiv:1705.07761 (modes, high quality); Lin, Khetan, Fanti & Oh, PacGAN, 2018,
arXiv:1712.04086 (reverse KL). Of real points in the plane 98.9 % are within 3 deviations, and of points shrunk to the
centres 100 %, so the deviation of the points in each mode is reported too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import classes, enough, two_sets, vectors
from ganwright.metrics._neighbours import direct

WITHIN = 3.0  # a point within 3 standard deviations of its mode is of high quality
BLOCK = 4096  # points at a time


@dataclass(frozen=True)
class Mixture:
    """Isotropic Gaussians: centres [modes, d], standard deviation along each axis [modes], and shares [modes]."""

    centres: Array
    sigma: Array
    shares: Array

    @classmethod
    def even(cls, centres: Array, sigma: float) -> Mixture:
        """A mixture with equal shares and deviations."""
        count = len(centres)
        return cls(np.asarray(centres, dtype=np.float64), np.full(count, sigma), np.full(count, 1 / count))


@dataclass(frozen=True)
class Placed:
    """Points [n, d], the mode nearest to each, int64 [n], and whether it is of high quality, bool [n]."""

    points: Array
    mode: Array
    good: Array


def mixture(points: Array, labels: Array) -> Mixture:
    """The mixture of labelled points [n, d]: the mean, the pooled deviation, and the share of each label.

    Raises TooFewError for a label of one point, and UserError for one whose points all coincide.
    """
    names, counts = np.unique(labels, return_counts=True)
    enough("real points of each mode", int(counts.min()), 2, "A mode's deviation")
    parts = [points[labels == name] for name in names]
    sigma = np.array([deviation(part) for part in parts])
    if not (sigma > 0).all():
        raise UserError(f"All real points of mode {names[sigma == 0][0]} coincide: its deviation is 0.")
    return Mixture(np.stack([part.mean(axis=0) for part in parts]), sigma, counts / counts.sum())


def place(points: Array, of: Mixture) -> Placed:
    """Assigns points to their nearest mode in units of the modes' deviations; high quality is within 3 of them."""
    points, centres = two_sets(points, of.centres, ("points", "centres"))
    starts = range(0, len(points), BLOCK)
    pieces = [direct(points[start : start + BLOCK], centres) / of.sigma for start in starts]
    mode = np.concatenate([piece.argmin(axis=1) for piece in pieces])
    return Placed(points, mode, np.concatenate([piece.min(axis=1) for piece in pieces]) <= WITHIN)


def found(placed: Placed, of: Mixture) -> int:
    """The number of modes with at least one point of high quality."""
    return int(np.count_nonzero(_counts(placed, of)))


def reverse_kl(placed: Placed, of: Mixture) -> float:
    """KL(p || q) = sum p log(p / q) in nats, p the shares of the points of high quality, q the mixture's.

    Without points of high quality it is the maximum, that of all points in the rarest mode.
    """
    counts = _counts(placed, of)
    if not counts.any():
        return float(-np.log(of.shares.min()))
    p = counts[counts > 0] / counts.sum()
    return float((p * np.log(p / of.shares[counts > 0])).sum())


def widths(placed: Placed, of: Mixture) -> Array:
    """The deviation of the points of high quality over the true one, of each mode with at least two of them.

    Deviations are about the points' own mean; the true one is that of a Gaussian truncated at 3 deviations. float64
    [at most modes].
    """
    counts = _counts(placed, of)
    factor = truncation(placed.points.shape[1])
    parts = {mode: placed.points[placed.good & (placed.mode == mode)] for mode in np.flatnonzero(counts > 1)}
    return np.array([deviation(part) / (factor * of.sigma[mode]) for mode, part in parts.items()])


def deviation(points: Array) -> float:
    """The standard deviation along an axis, all axes pooled, about the mean of [n, d]; over n - 1."""
    return float(np.sqrt(points.var(axis=0, ddof=1).mean()))


def truncation(dimensions: int, radius: float = WITHIN) -> float:
    """The deviation along an axis of a standard Gaussian truncated to a ball: 0.974 in the plane at 3."""
    # E[|x|^2; |x| <= r] = d P(chi^2_(d+2) <= r^2), and P(chi^2_d <= t) is the incomplete gamma P(d/2, t/2)
    shape = torch.tensor([dimensions / 2 + 1, dimensions / 2], dtype=torch.float64)
    above, below = torch.special.gammainc(shape, torch.full_like(shape, radius**2 / 2)).tolist()
    return float(np.sqrt(above / below))


def _counts(placed: Placed, of: Mixture) -> Array:
    """The number of points of high quality of each mode, int64 [modes]."""
    return np.bincount(placed.mode[placed.good], minlength=len(of.centres))


def modes(points: Array, of: Mixture) -> dict[str, float]:
    """All values of the metric for points [n, d]; raises UserError if they are not finite or of another dimension."""
    placed = place(points, of)
    width = widths(placed, of)
    return {
        "modes": found(placed, of),
        "modes of": len(of.centres),
        "high quality": float(placed.good.mean()),
        "reverse kl": reverse_kl(placed, of),
        "narrowest mode": float(min(width, default=0.0)),
        "widest mode": float(max(width, default=0.0)),
    }


def _measure(compared: Compared) -> Mapping[str, float]:
    real = compared.real
    return modes(compared.fake.values, mixture(vectors("real points", real.values), classes("real points", real)))


METRIC = Metric(
    view="points",
    values={
        "modes": "higher",
        "modes of": "as real",
        "high quality": "as real",
        "reverse kl": "lower",
        "narrowest mode": "as real",
        "widest mode": "as real",
    },
    measure=_measure,
    needs=frozenset({"labels"}),
)
