"""The inception score of sound, in the classes of a small classifier that is trained on the real training part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import classes
from ganwright.metrics._sound_classifier import fitted


def inception_score(probabilities: Array) -> float:
    """exp(mean_i KL(p_i || mean_j p_j)) of class probabilities [n, classes], from 1 to the number of classes.

    Salimans et al., Improved techniques for training GANs, NeurIPS 2016, section 4; over all samples at once. Raises
    UserError for probabilities that are not finite.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or not p.size or not np.isfinite(p).all():
        raise UserError("An inception score needs finite class probabilities [n, classes], n above 0.")
    tiny = np.finfo(np.float64).tiny
    return float(np.exp((p * (np.log(p + tiny) - np.log(p.mean(axis=0) + tiny))).sum(axis=1).mean()))


def _measure(compared: Compared) -> Mapping[str, float]:
    """The classifier's accuracy on held-out real samples stands beside the score, which means little if it is low."""
    classifier, labels = fitted(compared), classes("real samples", compared.real)
    predicted = classifier.probabilities(compared.real.values).argmax(axis=1)
    return {
        "classifier accuracy": float((predicted == labels).mean()),
        "inception score": inception_score(classifier.probabilities(compared.fake.values)),
    }


METRIC = Metric(
    view="spectrograms",
    values={"classifier accuracy": "as real", "inception score": "higher"},
    measure=_measure,
    needs=frozenset({"labels", "train"}),
)
