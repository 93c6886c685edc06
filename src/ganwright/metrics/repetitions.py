"""Strings in which a symbol or a piece comes again and again, such as aaaa or lalala."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ganwright.core.metric import Compared, Metric
from ganwright.domains._symbols import lengths_of
from ganwright.metrics._strings import Codes, checked

LONGEST = 8  # symbols of a piece
QUANTILE = 0.99  # of real strings have stretches that are at most as long


def repetitions(compared: Compared) -> Mapping[str, float]:
    """The share of fakes with a longer periodic stretch than 99 % of real strings have, 0.01 or less if all is equal.

    Only letters count, if there are any among the symbols: rules and indents are periodic in real texts too. Raises
    TooFewError below 20 strings.
    """
    fake, real, end = checked(compared)
    symbols = compared.real.columns[0].categories
    letters = np.array([*(any(map(str.isalpha, symbol)) for symbol in symbols), False])
    counted = letters if letters.any() else np.arange(end + 1) < end
    usual = np.quantile(stretches(real, end, counted), QUANTILE)
    return {"repetitions": float((stretches(fake, end, counted) > usual).mean())}


def stretches(codes: Codes, end: int, counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The longest stretch of each string [n, length] that is a piece of 1 to LONGEST symbols, twice or more, [n].

    In banana it is anana: a piece of two, and the half of another. Its length is the number of its symbols that are
    `counted` [codes]; 0 without any.
    """
    longest = np.zeros(len(codes), dtype=np.int64)
    lengths = lengths_of(codes, end)[:, None]
    before = np.pad(np.cumsum(counted[codes], axis=1), ((0, 0), (1, 0)))  # counted symbols before each place
    for period in range(1, min(LONGEST, codes.shape[1] // 2) + 1):
        same = (codes[:, period:] == codes[:, :-period]) & (np.arange(period, codes.shape[1]) < lengths)
        places = np.arange(1, same.shape[1] + 1)
        start = np.maximum.accumulate(np.where(same, 0, places), axis=1)  # of the run of equal pairs that ends here
        symbols: NDArray[np.int64] = before[:, period + 1 :] - np.take_along_axis(before, start, axis=1)
        longest = np.maximum(longest, np.where(places - start >= period, symbols, 0).max(axis=1, initial=0))
    return longest


METRIC = Metric("strings", {"repetitions": "lower"}, repetitions)
