"""The Jensen-Shannon divergence of the last symbols of generated and real strings, which shows strings that are cut."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric
from ganwright.domains._symbols import lengths_of
from ganwright.metrics._strings import Codes, checked
from ganwright.metrics.ngrams import jensen_shannon


def endings(compared: Compared) -> Mapping[str, float]:
    """In bits, as in `ngrams`. Raises TooFewError below 20 strings."""
    fake, real, end = checked(compared)
    return {"js_endings": jensen_shannon(last(fake, end), last(real, end))}


def last(codes: Codes, end: int) -> Codes:
    """The last symbol of each string, [n]."""
    return codes[np.arange(len(codes)), lengths_of(codes, end) - 1]


METRIC = Metric("strings", {"js_endings": "lower"}, endings)
