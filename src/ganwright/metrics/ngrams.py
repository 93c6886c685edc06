"""Jensen-Shannon divergences of the n-grams of generated and real strings.

Gulrajani et al., Improved training of Wasserstein GANs, NeurIPS 2017, section 5.5 and the program: bits, n-grams of
characters of held-out lines. They count the padding of lines too; here each string has one end.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._strings import checked, ngrams

ORDERS = (4, 3, 2, 1)  # --best-by takes the first


def divergences(compared: Compared) -> Mapping[str, float]:
    """js_4 to js_1, in bits, from 0 (equal frequencies) to 1 (no n-gram in common).

    Both sets have sampling noise: fewer strings, or longer n-grams, have larger divergences, also among real strings,
    so that values are compared with the baseline and at one number of strings. Raises TooFewError below 20 strings.
    """
    fake, real, end = checked(compared)
    return {f"js_{n}": jensen_shannon(ngrams(fake, end, n), ngrams(real, end, n)) for n in ORDERS}


def jensen_shannon(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """(KL(p | m) + KL(q | m)) / 2 in bits, with m = (p + q) / 2, of the frequencies p and q of two sets of numbers.

    1 where only one of the sets is empty, 0 where both are.
    """
    if not len(one) or not len(other):
        return float(len(one) != len(other))
    places = np.unique(np.concatenate([one, other]), return_inverse=True)[1]
    size = int(places.max()) + 1
    p = np.bincount(places[: len(one)], minlength=size) / len(one)
    q = np.bincount(places[len(one) :], minlength=size) / len(other)
    middle = (p + q) / 2
    return float(sum(_divergence(part, middle) for part in (p, q)) / 2)


def _divergence(p: NDArray[np.float64], middle: NDArray[np.float64]) -> float:
    """KL(p | middle) in bits."""
    some = p > 0
    return float((p[some] * np.log2(p[some] / middle[some])).sum())


METRIC = Metric("strings", {f"js_{n}": "lower" for n in ORDERS}, divergences)
