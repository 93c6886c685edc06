"""Finds the separator of delimited text: the one that cuts most lines into the same number of plausible cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

from ganwright.domains._numbers import number

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "pipes", " ": "spaces"}
NONE = ""  # of a single column
SAMPLE = 200  # lines that are looked at


def separator_of(lines: Sequence[str]) -> str:
    """The separator of these lines, which are neither empty nor comments; `NONE` for a single column."""
    scores = {separator: _score(lines, separator) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    return best if scores[best] > (0.0, 0.0) else NONE


def described(separator: str) -> str:
    """A phrase for messages: `separated by commas`."""
    return f"separated by {SEPARATORS[separator]}" if separator else "one column"


def cut(line: str, separator: str) -> list[str]:
    """The cells of a line without quoted line breaks; spaces separate in any number."""
    if separator == " " and '"' not in line:
        return line.split()
    return next(csv.reader([line.strip(" \r\n")], delimiter=separator or ",", skipinitialspace=True))


def _score(lines: Sequence[str], separator: str) -> tuple[float, float]:
    """The share of lines with the most frequent width, if it is above one cell, and the share of plausible cells."""
    try:
        rows = [cut(line, separator) for line in lines]
    except csv.Error:
        return 0.0, 0.0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0.0
    cells = [cell.strip() for row in rows for cell in row]
    return max(widths.values()) / len(rows), sum(map(_plausible, cells)) / len(cells)


def _plausible(cell: str) -> bool:
    """Whether a cell is a number, or text without another separator than a space."""
    return not any(sign in cell for sign in ",;\t|") or number(cell) is not None or number(cell, "comma") is not None
