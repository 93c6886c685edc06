"""The share of the words of generated strings that no training string has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ganwright.core.metric import Compared, Metric, Samples
from ganwright.metrics._strings import Codes, checked, codes_of, end_of

ALPHABET = 0x4E00  # code points from here on are letters, as many as a vocabulary may have symbols
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


def words(codes: Codes, of: Samples) -> Iterator[list[str]]:
    """The words of each string [n, length], between white space, with a letter of ALPHABET for each symbol."""
    gap = ord(" ")
    letters = np.array([*(ALPHABET + code for code in range(end_of(of))), gap], dtype=np.uint32)
    letters[[place for place, symbol in enumerate(of.columns[0].categories) if not symbol.strip()]] = gap
    text, width = letters[codes].astype("<u4").tobytes().decode("utf-32-le"), codes.shape[1]
    return (text[start : start + width].split() for start in range(0, len(text), width))


def _no_words(real: Samples) -> str:
    if not any(not symbol.strip() for symbol in real.columns[0].categories):
        return "strings have no white space between words"
    several = np.mean([len(string) > 1 for string in words(codes_of(real)[:1000], real)])
    return "" if several >= LEAST else "most real strings are one word"


METRIC = Metric("strings", {"invented_words": "as real"}, invented_words, needs=frozenset({"train"}), unfit=_no_words)
