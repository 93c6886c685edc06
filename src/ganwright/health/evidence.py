"""Evidence on a run's health: its samples and scores compared with real data, independent of losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganwright.core.draws import generator

Array = NDArray[np.float64]

MAX_REAL = 2_048  # real samples that the reference is fitted on
CHECKED = 256  # fakes, and as many real samples, per health check
AXES = 32  # principal axes
CLUSTERS = 10, 25  # minimum and maximum; the number of classes within these limits
NUMBERS = 4_096  # of a sample that are compared at most: distances of larger samples are estimated
ITERATIONS, POWER_ITERATIONS = 20, 4  # of Lloyd's algorithm, of subspace iteration
CANDIDATES = 6  # per initial cluster centre


@dataclass(frozen=True)
class Evidence:
    """The figures of one health check, all dimensionless.

    missing: the number of `clusters` of real data with less than a tenth of their share of the fakes
    diversity: the fakes' mean pairwise distance / that of real samples
    distance: the energy distance between fakes and real samples / real samples' mean pairwise distance
    shown: the same distance to the batches that the discriminator is trained on, which may differ from the data
    separation: the probability that the discriminator scores a real sample above a fake
    movement: the mean distance that samples of fixed latents moved since the last health check / real samples' mean
        pairwise distance
    traits: the largest distance between the distributions of a trait, see `Domain.traits`; 0 if the domain has none
    worst: the name of that trait's group
    multiple: the distance of the fakes to real samples / that of as many real samples, see `Likeness`; 0 if unknown
    copies: the share of the fakes that are nearly equal to a real sample, see `Likeness.copies`
    artefacts: the largest excess of power over real samples at some frequencies, in decibels, see `Textures`
    missing_detail: the largest lack of power, in decibels
    noise: the excess of power at the median frequency, in decibels
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
    traits: float = 0.0
    worst: str = ""
    multiple: float = 0.0
    copies: float = 0.0
    artefacts: float = 0.0
    missing_detail: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True)
class Reference:
    """Statistics of real data that fakes are compared with: principal axes, clusters, and spread."""

    indices: NDArray[np.int64]  # of the numbers of a flattened sample that are compared
    mean: Array  # [numbers]
    axes: Array  # [numbers, axes]
    real: Array  # [CHECKED, axes]
    centres: Array  # [clusters, axes]
    shares: Array  # [clusters]
    spread: float  # mean pairwise distance of real samples; 1 if all are equal, so that figures stay finite

    @classmethod
    def fitted(cls, encoded: NDArray[np.float32], classes: int) -> Reference:
        """Fits encoded real samples [n, ...], in random order, of data with `classes` classes."""
        flat = encoded.reshape(len(encoded), -1)
        indices = np.sort(generator("numbers").permutation(flat.shape[1])[:NUMBERS])
        values = flat[:, indices].astype(np.float64)
        mean = values.mean(0)
        axes = principal_axes(values - mean)
        projected = (values - mean) @ axes
        centres = clustered(projected, int(np.clip(classes, *CLUSTERS)))
        shares = np.bincount(nearest(projected, centres), minlength=len(centres)) / len(projected)
        real = projected[:CHECKED]
        return cls(indices, mean, axes, real, centres, shares, within(real) or 1.0)

    def project(self, encoded: NDArray[np.float32]) -> Array:
        """Encoded samples [n, ...] to [n, axes]."""
        values = encoded.reshape(len(encoded), -1)[:, self.indices].astype(np.float64)
        return (values - self.mean) @ self.axes

    def missing(self, fake: Array) -> int:
        """The number of clusters with less than a tenth of their share of the fakes."""
        shares = np.bincount(nearest(fake, self.centres), minlength=len(self.centres)) / len(fake)
        return int((shares < self.shares / 10).sum())

    def diversity(self, fake: Array) -> float:
        return within(fake) / self.spread

    def distance(self, fake: Array, real: Array | None = None) -> float:
        """Energy distance (2 E|x-y| - E|x-x'| - E|y-y'|) / spread (Székely & Rizzo 2013); to `real` if given."""
        real, spread = (self.real, self.spread) if real is None else (real, within(real))
        return float((2 * distances(fake, real).mean() - within(fake) - spread) / self.spread)


def distances(one: Array, other: Array) -> Array:
    """Euclidean distances [n, m]."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    roots: Array = np.sqrt(squares.clip(0))
    return roots


def within(points: Array) -> float:
    """The mean pairwise distance."""
    count = len(points)
    return float(distances(points, points).sum() / max(count * (count - 1), 1))


def nearest(points: Array, centres: Array) -> NDArray[np.int64]:
    """The index of the nearest centre for each point, [n]."""
    places: NDArray[np.int64] = distances(points, centres).argmin(1)
    return places


def principal_axes(centred: Array) -> Array:
    """Orthonormal axes of largest variance, [numbers, <= AXES], by subspace iteration (Halko et al. 2011)."""
    count, numbers = centred.shape
    if numbers <= AXES:
        return np.eye(numbers)
    axes = generator("axes").standard_normal((numbers, min(AXES + 8, count)))
    for _ in range(POWER_ITERATIONS):
        axes = np.linalg.qr(centred.T @ (centred @ np.linalg.qr(axes)[0]))[0]
    rotation = np.linalg.svd(centred @ axes, full_matrices=False)[2].T  # within the subspace, ordered by variance
    principal: Array = (axes @ rotation)[:, :AXES]
    return principal


def clustered(points: Array, count: int) -> Array:
    """Cluster centres [count, axes] by Lloyd's algorithm; fewer if there are fewer distinct points.

    Initial centres are chosen by greedy k-means++ (Arthur & Vassilvitskii 2007): each is the best of CANDIDATES, drawn
    with probabilities proportional to the squared distance to the previous centres.
    """
    random = generator("clusters")
    centres = points[:1].copy()
    squares = distances(points, centres)[:, 0] ** 2
    while len(centres) < count and squares.sum() > 0:
        drawn = points[random.choice(len(points), size=CANDIDATES, p=squares / squares.sum())]
        remaining = np.minimum(squares[:, None], distances(points, drawn) ** 2)  # [n, candidates]
        best = remaining.sum(0).argmin()
        centres, squares = np.concatenate([centres, drawn[best : best + 1]]), remaining[:, best]
    for _ in range(ITERATIONS):
        assigned = nearest(points, centres)
        for k in np.unique(assigned):
            centres[k] = points[assigned == k].mean(0)
    return centres


def separation(real: Array, fake: Array) -> float:
    """P(real score > fake score) + P(equal) / 2: the area under the ROC curve."""
    ordered = np.sort(fake)
    below = np.searchsorted(ordered, real, "left") + np.searchsorted(ordered, real, "right")
    return float(below.mean() / (2 * len(fake)))
