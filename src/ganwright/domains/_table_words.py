"""Reads a row of a table from words such as `region=north,size=3`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.errors import UserError, nearest
from ganwright.domains._categories import Categories
from ganwright.domains._column_values import as_texts
from ganwright.domains._numbers import Marks, number

LISTED = 20  # categories in a message


def example_row(columns: Sequence[Column]) -> str:
    """Words that `row_of` reads: the first category or a middle number of each column."""
    values = [
        next(filter(None, column.categories), "") or as_texts(column, np.array([column.shift]))[0] for column in columns
    ]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(
        f"{column.name}={value}" for column, value in zip(columns, values, strict=True)
    )
    return line.getvalue()


def row_of(words: str, columns: Sequence[Column]) -> NDArray[np.float64]:
    """The row [columns] of the words.

    Raises UserError, which lists what is known, for words of another kind, an unknown or missing name, a word that is
    no category, or a value that is no number.
    """
    try:
        parts = [part.partition("=") for part in next(csv.reader([words], skipinitialspace=True), [])]
    except csv.Error:  # a line break
        parts = []
    if not any(sign for _, sign, _ in parts):
        example = example_row(columns)
        raise UserError(
            f"--condition {words!r} is no file, and no values such as {example}; known are {_listed(columns)}."
        )
    known = {column.name: column for column in columns}
    values: dict[str, float] = {}
    for name, sign, value in ((name.strip(), sign, value.strip()) for name, sign, value in parts):
        if not sign:
            raise UserError(f"--condition {words}: {name!r} is not of the kind NAME=VALUE.")
        if name not in known:
            raise UserError(
                f"--condition {words}: {name!r} is unknown; known are {_listed(columns)}.{nearest(name, known)}"
            )
        if name in values:
            raise UserError(f"--condition {words}: {name} is given twice.")
        values[name] = _value(words, known[name], value)
    lacking = [column for column in columns if column.name not in values]
    if lacking:
        raise UserError(f"--condition {words}: {lacking[0].name} is missing; needed are {_listed(columns)}.")
    return np.array([values[column.name] for column in columns], dtype=np.float64)


def _value(words: str, column: Column, value: str) -> float:
    """The code of a category, or a number; NaN for the mark of a missing number."""
    if column.categories:
        code = Categories.of(column.categories, Marks()).code(value, "point")
        if code is None:
            near = nearest(value, column.categories)
            raise UserError(f"--condition {words}: {value!r} is no category of {_described(column)}.{near}")
        return code
    if column.mark is not None and value == column.mark:
        return math.nan
    found = number(value)
    if found is None or math.isinf(found.value):
        raise UserError(f"--condition {words}: {column.name} is a number, and {value!r} is none.")
    if column.integer and found.value != round(found.value):
        raise UserError(f"--condition {words}: {column.name} is a whole number in the data, and {value!r} is none.")
    return found.value


def _listed(columns: Sequence[Column]) -> str:
    return " and ".join(map(_described, columns))


def _described(column: Column) -> str:
    if not column.categories:
        return f"{column.name} (a number)"
    return f"{column.name} ({', '.join(column.categories[:LISTED])}{', ...' * (column.width > LISTED)})"
