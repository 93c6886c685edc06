"""The Fréchet distance per class, between fakes requested of a class and real samples of it.

As a score of conditional GANs: DeVries, Romero, Pineda, Taylor & Drozdzal, On the evaluation of conditional GANs, 2019,
arXiv:1907.08175; the distance within a class is Miyato & Koyama's intra FID, 2018, arXiv:1802.05637.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric, Samples, TooFewError
from ganwright.metrics._checked import classes
from ganwright.metrics.frechet import frechet


def class_distances(fake: Samples, real: Samples) -> dict[int, float]:
    """The Fréchet distance in each class that occurs in either set, by class.

    The values are features [n, d] and [m, d], the labels classes. Raises UserError for invalid features or labels, and
    TooFewError, which names the class, if either set has no more than d samples of it.
    """
    requested, labels = classes("fakes", fake), classes("real samples", real)
    occurring = np.union1d(requested, labels).tolist()
    return {c: _in_class(c, fake.values[requested == c], real.values[labels == c]) for c in occurring}


def _in_class(number: int, fake: Array, real: Array) -> float:
    dimensions = max(fake.shape[1:], default=0)
    if min(len(fake), len(real)) <= dimensions:
        raise TooFewError(
            f"Class {number} has {len(fake):,} fakes and {len(real):,} real samples; "
            f"a distance of {dimensions} features needs more than {dimensions} of each."
        )
    return frechet(fake, real)


def _measure(compared: Compared) -> Mapping[str, float]:
    distances = list(class_distances(compared.fake, compared.real).values())
    return {"class fd mean": float(np.mean(distances)), "class fd worst": max(distances)}


METRIC = Metric(
    view="features",
    values={"class fd mean": "lower", "class fd worst": "lower"},
    measure=_measure,
    needs=frozenset({"labels", "conditions"}),
)
