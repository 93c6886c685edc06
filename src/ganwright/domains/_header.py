"""Decides whether the first row of delimited text holds the names of the columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ganwright.core.errors import UserError
from ganwright.domains._numbers import Decimal, Marks, number

YEARS = (1800, 2100)
COUNTED = 3  # names that count 0, 1, 2, ... or 1, 2, 3, ...; fewer are taken for data


def is_header(
    first: Sequence[str], columns: Sequence[Sequence[str]], decimal: Decimal, marks: Marks, where: str
) -> bool:
    """Whether `first` names the columns below it.

    Words do, unless all columns hold words and one of `first` recurs below it. Numbers do if they are years or count
    0, 1, 2, ..., and the columns below hold something else. Raises UserError, which begins with `where`, if both
    readings are plausible.
    """
    words = [index for index, cell in enumerate(first) if not marks.has(cell) and number(cell, decimal) is None]
    numbers = [index for index, cell in enumerate(first) if number(cell, decimal) is not None]
    if not columns[0]:
        return bool(words) and not numbers
    if words and not numbers:
        only_words = not any(_all_numbers(column, decimal, marks) for column in columns)
        return not (only_words and any(first[index] in columns[index] for index in words))
    above = any(_all_numbers(columns[index], decimal, marks) for index in words)
    named, below = [first[index] for index in numbers], [columns[index] for index in numbers]
    if not above and (any(first[index] in columns[index] for index in words) or not _like_names(named)):
        return False
    if _like_names(named) and all(_differs(column, named, decimal) for column in below):
        return True
    if not above and _are_years(named) and any(_are_years(column) for column in below):
        return False
    cells = ", ".join(first[:6]) + (", ..." if len(first) > 6 else "")
    raise UserError(f"{where} ({cells}) may hold names or data: say --header yes or --header no.")


def _all_numbers(column: Sequence[str], decimal: Decimal, marks: Marks) -> bool:
    """Whether the column holds numbers, apart from missing values."""
    present = [cell for cell in column if not marks.has(cell)]
    return bool(present) and all(number(cell, decimal) is not None for cell in present)


def _like_names(cells: Sequence[str]) -> bool:
    counted = len(cells) >= COUNTED and list(cells) in (_count(0, len(cells)), _count(1, len(cells)))
    return counted or _are_years(cells)


def _count(start: int, length: int) -> list[str]:
    return [str(start + index) for index in range(length)]


def _are_years(cells: Sequence[str]) -> bool:
    return bool(cells) and all(len(cell) == 4 and cell.isdecimal() and _is_year(int(cell)) for cell in cells)


def _is_year(value: int) -> bool:
    return YEARS[0] <= value <= YEARS[1]


def _differs(column: Sequence[str], named: Sequence[str], decimal: Decimal) -> bool:
    """Whether a column holds other things than its name: no years below a year, no whole numbers below a count."""
    if _are_years(named):
        return not any(_are_years([cell]) for cell in column)
    values = [number(cell, decimal) for cell in column]
    return any(value is not None and math.isfinite(value.value) and value.value % 1 for value in values)
