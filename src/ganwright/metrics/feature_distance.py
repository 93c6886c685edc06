"""The feature distance of pairs, which does not reward blur as squared errors of pixels do."""

from __future__ import annotations

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Metric
from ganwright.metrics._checked import two_sets


def feature_distance(fake: Array, real: Array) -> float:
    """The mean over pairs of the root mean squared difference of their features, of `fake` and `real` [n, d].

    As Johnson, Alahi & Fei-Fei 2016 (arXiv:1603.08155) compare pictures by a classifier's features, without the spatial
    positions. Raises UserError if the numbers of pairs differ.
    """
    one, other = two_sets(fake, real)
    if len(one) != len(other):
        raise UserError(f"Pairs need as many fakes as real samples, not {len(one):,} and {len(other):,}.")
    return float(np.sqrt(np.square(one - other).mean(axis=1)).mean())


METRIC = Metric(
    view="features",
    values={"feature distance": "lower"},
    measure=lambda compared: {"feature distance": feature_distance(compared.fake.values, compared.real.values)},
    needs=frozenset({"pairs"}),
)
