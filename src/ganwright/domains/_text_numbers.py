"""Converts columns of numbers in delimited text, and says what was converted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ganwright.core.errors import UserError
from ganwright.domains._text import Cells, Text

EXACT = {"float32": 1 << 24, "float64": 1 << 53}  # whole numbers up to here are exact
PERCENT = "%‰"
MANY = 20  # rows that count up by 1 and are an index
DIGITS = 18  # of a whole number, at most


def numbers_of(text: Text, column: int, cells: Cells, hint: str = "") -> NDArray[np.float64]:
    """float64 [n], NaN for missing values; leading zeros are ignored.

    Raises UserError, which names the line and column of a cell that is no finite number (with `hint` as what to do) or
    has another sign than the others.
    """
    values = {cell: value.value for cell, value in cells.numbers.items()}
    values |= {cell: float(cell) for cell in cells.codes} | dict.fromkeys(cells.missing, np.nan)
    unfit = next((cell for cell in cells.counts if cell not in values or math.isinf(values[cell])), None)
    if unfit is not None:
        raise text.error_of(unfit, column, f"{unfit!r} is not a finite number{hint}")
    _check_signs(text, column, cells)
    return np.array([values[cell] for cell in text.columns[column]], dtype=np.float64)


def all_present(text: Text, column: int, cells: Cells, hint: str) -> NDArray[np.float64]:
    """As `numbers_of`; raises UserError, which counts the missing values and names the first, if there are any."""
    if cells.missing:
        first, count = next(iter(cells.missing)), cells.missing.total()
        among = f", and {count:,} values of the column are missing" if count > 1 else ""
        raise text.error_of(first, column, f"{first!r} stands for a missing value{among}{hint}")
    return numbers_of(text, column, cells, hint)


def converted(text: Text, columns: Mapping[int, Cells], dtype: str) -> list[str]:
    """Notes on what is not kept of columns of numbers: signs, separators, leading zeros, digits; and on constants."""
    named = {text.names[index]: cells for index, cells in columns.items()}
    lines = {
        "Signs left out": {name: _signs(cells) for name, cells in named.items()},
        "Thousands separators left out": {name: _grouped(cells) for name, cells in named.items()},
        "Leading zeros left out": {name: _some(cells, cells.codes) for name, cells in named.items()},
        f"Rounded to {dtype}": {name: _rounded(cells, EXACT[dtype]) for name, cells in named.items()},
        "Counts the rows, as an index does": {text.names[index]: _index(text.columns[index]) for index in columns},
        "Constant": {name: _constant(cells) for name, cells in named.items()},
    }
    return [note for heading, found in lines.items() for note in listed(heading, found)]


def listed(heading: str, found: Mapping[str, str]) -> list[str]:
    """One line about those columns of which there is something to say; or none."""
    said = [f"{name} ({detail})" for name, detail in found.items() if detail]
    return [f"{heading}: {', '.join(said)}."] if said else []


def missing(cells: Cells) -> str:
    """The missing values of a column with their marks, such as `60: NA, -`; empty if there are none."""
    if not cells.missing:
        return ""
    return f"{cells.missing.total():,}: {', '.join(mark or 'empty' for mark in cells.missing)}"


def matching(text: Text, names: Sequence[str]) -> tuple[Text, list[str]]:
    """The columns of these names, or if a header has none of them, all columns in their order if they are as many; and
    notes.

    Raises UserError if there are neither.
    """
    if set(names) <= set(text.names):
        extra = [name for name in text.names if name not in names]
        left_out = [f"Columns of {text.path.name} that the data lack are left out: {', '.join(extra)}."] * bool(extra)
        return text.selected([text.names.index(name) for name in names]), left_out
    some_match = text.has_header and not set(names).isdisjoint(text.names)
    if some_match or len(text.names) != len(names):
        found = f"{len(text.names)} column{'s' * (len(text.names) != 1)} ({', '.join(text.names)})"
        raise UserError(f"{text.path} has {found} that do not match the data's: {', '.join(names)}.")
    pairs = [f"{theirs} as {mine}" for theirs, mine in zip(text.names, names, strict=True) if theirs != mine]
    by_order = [f"Columns of {text.path.name} are taken by their order: {', '.join(pairs)}."] * text.has_header
    return replace(text, names=list(names)), by_order


def _check_signs(text: Text, column: int, cells: Cells) -> None:
    """Raises UserError if the numbers have two signs, or only some of them a percent sign."""
    if not any(value.unit for value in cells.numbers.values()):
        return
    units = {value.unit: cell for cell, value in reversed(list(cells.numbers.items()))}
    if len(units.keys() - {""}) > 1 or (len(units) > 1 and any(unit in PERCENT for unit in units if unit)):
        shown = list(units.values())[:2]
        raise text.error_of(shown[0], column, f"{shown[0]!r} and {shown[1]!r} have different units: write all in one")


def _signs(cells: Cells) -> str:
    found = [(value.unit, cell) for cell, value in cells.numbers.items() if value.unit]
    count = cells.count([cell for _, cell in found])
    return f"{found[0][0]} in {cells_in_words(count)}, such as {found[0][1]}" if found else ""


def _grouped(cells: Cells) -> str:
    found = [cell for cell, value in cells.numbers.items() if value.grouped]
    return f"{cells_in_words(cells.count(found))}, {found[0]} is {cells.numbers[found[0]].value:.15g}" if found else ""


def _some(cells: Cells, found: Sequence[str]) -> str:
    return f"{cells_in_words(cells.count(found))}, such as {found[0]}" if found else ""


def _rounded(cells: Cells, exact: int) -> str:
    """Whole numbers above what the type holds exactly."""
    found = [cell for cell, value in cells.numbers.items() if abs(value.value) >= exact and value.value % 1 == 0]
    dtype = np.float32 if exact == EXACT["float32"] else np.float64
    inexact = [cell for cell in found if cell.isdecimal() and int(float(dtype(cell))) != int(cell)]
    return _some(cells, inexact)


def _constant(cells: Cells) -> str:
    """The only value of several rows; empty if there are others, or missing ones."""
    distinct = {value.value for value in cells.numbers.values()}
    is_constant = len(distinct) == 1 and cells.counts.total() > 1 and not cells.missing and not cells.codes
    return next(iter(cells.numbers)) if is_constant else ""


def _index(column: Sequence[str]) -> str:
    """The first cells of a column that counts its rows; otherwise empty."""
    if len(column) < MANY or not all(cell.isdecimal() and len(cell) <= DIGITS for cell in column):
        return ""
    counts = all(int(later) - int(earlier) == 1 for earlier, later in pairwise(column))
    return f"{column[0]}, {column[1]}, ..." if counts else ""


def cells_in_words(count: int) -> str:
    """`1 cell`, `2 cells`."""
    return f"{count:,} cell{'s' * (count > 1)}"
