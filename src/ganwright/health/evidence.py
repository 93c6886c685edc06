"""Evidence on a run's health: what its samples and scores show beside real data, whatever the losses say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganwright.core.draws import generator

Array = NDArray[np.float64]

REAL = 2_048  # real samples, at most, that the reference is fitted on
CHECKED = 256  # fakes, and as many real samples, that a look compares
AXES = 32  # principal axes that are kept
CLUSTERS = 10, 25  # at least, at most; as many as there are classes, if that lies between
NUMBERS = 4_096  # of a sample, at most, that are compared: distances of larger ones are estimated from so many
ROUNDS, POWER = 20, 4  # of Lloyd's algorithm, of subspace iteration
CANDIDATES = 6  # for each cluster's first centre


@dataclass(frozen=True)
class Evidence:
    """What one look shows; every figure is free of units.

    missing: of `clusters` clusters of real data, those with less than a tenth of their share of the fakes
    diversity: the fakes' mean pairwise distance over that of real samples
    distance: the energy distance between fakes and real samples over real samples' mean pairwise distance
    shown: the same to the real samples as the discriminator is shown them, which may be other than the data
    separation: the chance that the discriminator scores a real sample above a fake
    movement: how far the samples of the same latents went since the look before, over that pairwise distance
    """

    examples: int
    finite: bool
    clusters: int
    missing: int
    diversity: float
    distance: float
    shown: float
    separation: float
    movement: float


@dataclass(frozen=True)
class Reference:
    """Real data as the looks compare with it: principal axes, clusters, and spread."""

    taken: NDArray[np.int64]  # which numbers of a flattened sample are compared
    mean: Array  # [numbers]
    axes: Array  # [numbers, axes]
    real: Array  # [LOOKED_AT, axes]
    centres: Array  # [clusters, axes]
    shares: Array  # [clusters]
    spread: float  # mean pairwise distance of real samples

    @classmethod
    def fitted(cls, encoded: NDArray[np.float32], classes: int) -> Reference:
        """From encoded real samples [n, ...], in random order, of data with so many classes."""
        flat = encoded.reshape(len(encoded), -1)
        taken = np.sort(generator("numbers").permutation(flat.shape[1])[:NUMBERS])
        values = flat[:, taken].astype(np.float64)
        mean = values.mean(0)
        axes = principal_axes(values - mean)
        projected = (values - mean) @ axes
        centres = clustered(projected, int(np.clip(classes, *CLUSTERS)))
        shares = np.bincount(nearest(projected, centres), minlength=len(centres)) / len(projected)
        some = projected[:CHECKED]
        return cls(taken, mean, axes, some, centres, shares, within(some))

    def project(self, encoded: NDArray[np.float32]) -> Array:
        """Encoded samples [n, ...] to [n, axes]."""
        values = encoded.reshape(len(encoded), -1)[:, self.taken].astype(np.float64)
        return (values - self.mean) @ self.axes

    def missing(self, fake: Array) -> int:
        """How many clusters have less than a tenth of their share of the fakes."""
        found = np.bincount(nearest(fake, self.centres), minlength=len(self.centres)) / len(fake)
        return int((found < self.shares / 10).sum())

    def diversity(self, fake: Array) -> float:
        return within(fake) / self.spread

    def distance(self, fake: Array, real: Array | None = None) -> float:
        """2 E|x-y| - E|x-x'| - E|y-y'| (Székely & Rizzo 2013), over the spread; from other real samples, if given."""
        real, spread = (self.real, self.spread) if real is None else (real, within(real))
        return float((2 * distances(fake, real).mean() - within(fake) - spread) / self.spread)


def distances(one: Array, other: Array) -> Array:
    """Euclidean, [n, m]."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    roots: Array = np.sqrt(squares.clip(0))
    return roots


def within(points: Array) -> float:
    """The mean distance between two different points."""
    count = len(points)
    return float(distances(points, points).sum() / max(count * (count - 1), 1))


def nearest(points: Array, centres: Array) -> NDArray[np.int64]:
    places: NDArray[np.int64] = distances(points, centres).argmin(1)
    return places


def principal_axes(centred: Array) -> Array:
    """Orthonormal axes [numbers, at most AXES] of the greatest variance, by subspace iteration (Halko et al. 2011)."""
    count, numbers = centred.shape
    if numbers <= AXES:
        return np.eye(numbers)
    axes = generator("axes").standard_normal((numbers, min(AXES + 8, count)))
    for _ in range(POWER):
        axes = np.linalg.qr(centred.T @ (centred @ np.linalg.qr(axes)[0]))[0]
    turned = np.linalg.svd(centred @ axes, full_matrices=False)[2].T  # within the subspace, by variance
    found: Array = (axes @ turned)[:, :AXES]
    return found


def clustered(points: Array, count: int) -> Array:
    """Centres [count, axes] by Lloyd's algorithm; fewer where there are fewer different points.

    It begins at points far from each other: each is the best of CANDIDATES drawn by the square of the distance to those
    before (greedy k-means++, Arthur & Vassilvitskii 2007).
    """
    random = generator("clusters")
    centres = points[:1].copy()
    squares = distances(points, centres)[:, 0] ** 2
    while len(centres) < count and squares.sum() > 0:
        drawn = points[random.choice(len(points), size=CANDIDATES, p=squares / squares.sum())]
        left = np.minimum(squares[:, None], distances(points, drawn) ** 2)  # [n, candidates]
        best = left.sum(0).argmin()
        centres, squares = np.concatenate([centres, drawn[best : best + 1]]), left[:, best]
    for _ in range(ROUNDS):
        mine = nearest(points, centres)
        for k in np.unique(mine):
            centres[k] = points[mine == k].mean(0)
    return centres


def separation(real: Array, fake: Array) -> float:
    """P(real score > fake score) + half of P(equal): the area under the ROC curve."""
    ordered = np.sort(fake)
    below = np.searchsorted(ordered, real, "left") + np.searchsorted(ordered, real, "right")
    return float(below.mean() / (2 * len(fake)))
