"""The total variation of the lengths of generated and real strings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric, Samples
from ganwright.domains._symbols import lengths_of
from ganwright.metrics._strings import checked, end_of


def string_lengths(compared: Compared) -> Mapping[str, float]:
    """Half the sum of the absolute differences of the shares of each length. Raises TooFewError below 20 strings."""
    fake, real, end = checked(compared)
    most = max(fake.shape[1], real.shape[1])
    shares = [np.bincount(lengths_of(codes, end), minlength=most + 1) / len(codes) for codes in (fake, real)]
    return {"tv_lengths": float(np.abs(shares[0] - shares[1]).sum() / 2)}


def _one_length(real: Samples) -> str:
    lengths = lengths_of(real.values, end_of(real))
    return "all real strings have the same length" if (lengths == lengths[0]).all() else ""


METRIC = Metric("strings", {"tv_lengths": "lower"}, string_lengths, unfit=_one_length)
