"""Strings whose brackets or quotation marks do not go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ganwright.core.metric import Compared, Metric, Samples
from ganwright.metrics._strings import Codes, checked, codes_of

PAIRS = {")": "(", "]": "[", "}": "{", "»": "«", "”": "“"}
QUOTES = ('"',)
LEAST = 0.01  # of the real strings have some


def brackets(compared: Compared) -> Mapping[str, float]:
    """unbalanced: the share of strings with a bracket that is not closed or opened, among those that have any.

    0 where none has. Raises TooFewError below 20 strings.
    """
    fake, _, _ = checked(compared)
    have, wrong = found(fake, compared.real)
    return {"bracketed": float(have.mean()), "unbalanced": float(wrong.sum() / max(have.sum(), 1))}


def found(codes: Codes, of: Samples) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which strings have brackets or quotation marks, and in which of them these do not go together, bool [n] each."""
    symbols = [*of.columns[0].categories, ""]
    kinds = [symbol if symbol in QUOTES or symbol in PAIRS or symbol in PAIRS.values() else "" for symbol in symbols]
    marks = [[kinds[code] for code in row if kinds[code]] for row in codes.tolist()]
    have = np.array([bool(one) for one in marks])
    return have, np.array([not _balanced(one) for one in marks])


def _balanced(marks: Sequence[str]) -> bool:
    open_ones: list[str] = []
    for mark in marks:
        closes = PAIRS.get(mark, mark if mark in QUOTES and mark in open_ones else "")
        if not closes:
            open_ones.append(mark)
        elif not open_ones or open_ones.pop() != closes:
            return False
    return not open_ones


def _no_brackets(real: Samples) -> str:
    have, _ = found(codes_of(real), real)
    return "" if have.mean() >= LEAST else "hardly any real string has brackets or quotation marks"


METRIC = Metric("strings", {"bracketed": "as real", "unbalanced": "as real"}, brackets, unfit=_no_brackets)
