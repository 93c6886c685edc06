"""The share of the words of generated strings that no training string has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric, Samples
from ganwright.metrics._strings import Codes, checked, codes_of, end_of

LEAST = 0.5  # of the real strings have several words, or words are no unit of theirs


def invented_words(compared: Compared) -> Mapping[str, float]:
    """The share of the words of fakes, between white space, that no training string has; 0 without words.

    Held-out strings have new words too: compare with the baseline. Raises TooFewError below 20 strings.
    """
    assert compared.train is not None  # METRIC.needs has it
    fake, _, _ = checked(compared)
    known = {word for string in words(codes_of(compared.train), compared.real) for word in string}
    made = [word not in known for string in words(fake, compared.real) for word in string]
    return {"invented_words": float(np.mean(made)) if made else 0.0}


def words(codes: Codes, of: Samples) -> Iterator[list[bytes]]:
    """The words of each string, as codes between those of white space."""
    end, symbols = end_of(of), of.columns[0].categories
    is_gap = np.array([*(not symbol.strip() for symbol in symbols), True])
    for row in codes:
        string = row[row != end]
        pieces = np.split(string, np.flatnonzero(is_gap[string]))
        found = [piece[~is_gap[piece]] for piece in pieces]
        yield [word.astype(np.int16).tobytes() for word in found if len(word)]


def _no_words(real: Samples) -> str:
    if not any(not symbol.strip() for symbol in real.columns[0].categories):
        return "strings have no white space between words"
    several = np.mean([len(string) > 1 for string in words(codes_of(real)[:1000], real)])
    return "" if several >= LEAST else "most real strings are one word"


METRIC = Metric("strings", {"invented_words": "as real"}, invented_words, needs=frozenset({"train"}), unfit=_no_words)
