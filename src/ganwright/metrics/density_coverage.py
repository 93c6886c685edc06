"""Density and coverage of features: fidelity and diversity by balls around real samples.

Naeem, Oh, Uh, Choi & Yoo, Reliable fidelity and diversity metrics for generative models, 2020, arXiv:2002.09797. Only
balls around real samples are used, so outliers among the fakes cannot raise a value. The balls are closed, as in the
paper; its code uses open balls, which differ only for coincident samples.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import enough, two_sets
from ganwright.metrics._neighbours import inside, radii

NEIGHBOURS = 5


def density_coverage(fake: Array, real: Array, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Density (about 1 for equal distributions, unbounded) and coverage (0 to 1) of `fake` [n, d] and `real` [m, d].

    Coverage grows with n: use n = m. Raises UserError for features that are not finite or differ in dimension, and
    TooFewError for k real samples or fewer.
    """
    fakes, reals = two_sets(fake, real)
    enough("real samples", len(reals), k + 1, f"A radius of {k} neighbours")
    # density = 1/(kn) sum_j sum_i [y_j in B(x_i, NND_k(x_i))]; coverage = 1/m sum_i [a y_j is in B(x_i, NND_k(x_i))]
    pairs, covered = 0, np.zeros(len(reals), dtype=bool)
    for within in inside(fakes, reals, radii(reals, k)):
        pairs += int(np.count_nonzero(within))
        covered |= within.any(axis=0)
    return pairs / (k * len(fakes)), float(covered.mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    density, coverage = density_coverage(compared.fake.values, compared.real.values)
    return {"density": density, "coverage": coverage}


METRIC = Metric(view="features", values={"density": "as real", "coverage": "higher"}, measure=_measure)
