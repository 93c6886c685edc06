"""Density and coverage of features: how deep the fakes lie among the real samples, and how many of these they reach.

Naeem, Oh, Uh, Choi & Yoo, Reliable fidelity and diversity metrics for generative models, 2020, arXiv:2002.09797. Only
balls around real samples are used, so outliers among the fakes cannot raise a value. Edges belong to the balls, as in
the paper's ball; its program leaves them out, which differs only where samples coincide.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import enough, two_sets
from ganwright.metrics._neighbours import inside, radii

NEIGHBOURS = 5


def density_coverage(fake: Array, real: Array, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Density (about 1 where the sets are alike, may be above) and coverage (0 to 1); `fake` [n, d], `real` [m, d].

    Coverage grows with n: use n = m. A UserError for features that are not finite or differ in dimension, a
    TooFewError for k real samples or fewer.
    """
    fakes, reals = two_sets(fake, real)
    enough("real samples", len(reals), k + 1, f"A radius of {k} neighbours")
    # density = 1/(kn) sum_j sum_i [y_j in B(x_i, NND_k(x_i))]; coverage = 1/m sum_i [a y_j is in B(x_i, NND_k(x_i))]
    held, reached = 0, np.zeros(len(reals), dtype=bool)
    for within in inside(fakes, reals, radii(reals, k)):
        held += int(np.count_nonzero(within))
        reached |= within.any(axis=0)
    return held / (k * len(fakes)), float(reached.mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    density, coverage = density_coverage(compared.fake.values, compared.real.values)
    return {"density": density, "coverage": coverage}


METRIC = Metric(view="features", values={"density": "as real", "coverage": "higher"}, measure=_measure)
