"""Class frequencies of the fakes by a linear probe of their features: missing and over-represented classes.

The probe is fitted on the training samples. Its accuracy on held-out real samples is reported with the values, which
are unreliable if it is low.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics import _probe
from ganwright.metrics._checked import classes as labels_of
from ganwright.metrics._checked import two_sets

TENTH = 10  # a class counts as found from a tenth of its share among the real samples


def classes_found(fake_counts: Array, real_counts: Array) -> int:
    """The number of classes with at least a tenth of their real share among the fakes, from counts [classes]."""
    fake, real = np.asarray(fake_counts), np.asarray(real_counts)
    # f / sum(f) >= r / sum(r) / 10 in integers, which are exact at the boundary
    return int(((real > 0) & (TENTH * fake * real.sum() >= real * fake.sum())).sum())


def entropy(counts: Array) -> float:
    """-sum p log p of the shares of counts [classes], in nats: log(classes) if all are equally frequent."""
    shares = _shares(counts)
    return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())


def kl(fake_counts: Array, real_counts: Array) -> float:
    """KL(fake || real) = sum p log(p / q) of the shares of counts [classes], in nats.

    Half a sample is added to each class on both sides (Krichevsky & Trofimov 1981), so that the value is finite for a
    class without real samples.
    """
    p, q = _shares(np.asarray(fake_counts) + 0.5), _shares(np.asarray(real_counts) + 0.5)
    return float((p * np.log(p / q)).sum())


def _shares(counts: Array) -> Array:
    if not np.asarray(counts).sum() > 0:
        raise UserError("There are no samples to count the classes of.")
    return np.asarray(counts / np.sum(counts))


def _measure(compared: Compared) -> Mapping[str, float]:
    """The fakes' classes are predicted by the probe, those of the real samples are their labels."""
    fake, real = two_sets(compared.fake.values, compared.real.values)
    labels, probe = labels_of("real samples", compared.real), _probe.fitted(compared)
    size = max(probe.classes, int(labels.max()) + 1)
    predicted = probe.predict(fake)
    fakes, reals = np.bincount(predicted, minlength=size), np.bincount(labels, minlength=size)
    if np.count_nonzero(reals) < 2:
        raise UserError("The real samples are all of one class: class frequencies need at least two.")
    return {
        "probe accuracy": float((probe.predict(real) == labels).mean()),
        "classes found": classes_found(fakes, reals),
        "class entropy": entropy(fakes),
        "class entropy share": entropy(fakes) / entropy(reals),
        "class kl": kl(fakes, reals),
    }


METRIC = Metric(
    view="features",
    values={
        "probe accuracy": "as real",
        "classes found": "higher",
        "class entropy": "as real",
        "class entropy share": "as real",
        "class kl": "lower",
    },
    measure=_measure,
    needs=frozenset({"labels", "train"}),
)
