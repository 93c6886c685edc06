"""Improved precision and recall of features: fidelity and diversity by k-nearest-neighbour balls.

Kynkäänniemi, Karras, Laine, Lehtinen & Aila, Improved precision and recall metric, 2019, arXiv:1904.06991.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import enough, two_sets
from ganwright.metrics._neighbours import inside, radii

NEIGHBOURS = 3


def precision_recall(fake: Array, real: Array, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Precision and recall, shares from 0 to 1, of `fake` [n, d] and `real` [m, d]; use n = m.

    Raises UserError for features that are not finite or differ in dimension, and TooFewError if a set has k samples or
    fewer.
    """
    fakes, reals = two_sets(fake, real)
    for name, features in (("fakes", fakes), ("real samples", reals)):
        enough(name, len(features), k + 1, f"A radius of {k} neighbours")
    return share_covered(fakes, reals, k), share_covered(reals, fakes, k)


def share_covered(points: Array, centres: Array, k: int) -> float:
    """The share of `points` in the union of balls around `centres`, each with its k-th neighbour's distance as radius.

    Both are finite float64 [n, d] and [m, d], k below m.
    """
    # f(x, Y) = 1 if |x - y| <= |y - NN_k(y, Y)| for at least one y in Y (equation 1)
    blocks = inside(points, centres, radii(centres, k))
    return float(np.concatenate([within.any(axis=1) for within in blocks]).mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    precision, recall = precision_recall(compared.fake.values, compared.real.values)
    return {"precision": precision, "recall": recall}


METRIC = Metric(view="features", values={"precision": "higher", "recall": "higher"}, measure=_measure)
