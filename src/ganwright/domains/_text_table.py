"""Reads rows of a table from delimited text: the codes and numbers of its cells in given columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.domains._categories import Categories
from ganwright.domains._records import read_records
from ganwright.domains._text import Cells, Header, Text, TextOptions, opened
from ganwright.domains._text_numbers import cells_in_words, converted, listed, matching, numbers_of


class Coded(NamedTuple):
    """Rows float64 [n, columns], and which of them, bool [n], hold a word or a missing value that the data lack."""

    rows: NDArray[np.float64]
    unknown: NDArray[np.bool_]


def read_table(
    path: Path, columns: tuple[Column, ...], options: TextOptions | None = None
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The rows of another file in a table's columns, float64 [N, columns], and notes.

    Columns are matched by name if the file has a header, otherwise by order. Rows with unknown words are left out; a
    dot after a known word is ignored, as in the UCI repository's test files. Raises UserError if the file is missing or
    does not match.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist.")
    options = options or TextOptions()
    text = opened(path, replace(options, header=_header(path, columns)) if options.header == "auto" else options)
    if not len(text):
        raise UserError(f"{path} has no rows.")
    text, notes = matching(text, [column.name for column in columns])
    cells = {index: text.cells(index, column.mark) for index, column in enumerate(columns)}
    rows, unknown = coded(text, columns, cells)
    if unknown.all():
        raise UserError(f"{path} has no row whose words all occur in the training part.")
    notes += converted(text, {i: of for i, of in cells.items() if not columns[i].categories}, "float64")
    respelled = {column.name: _respelled(text, index, column, cells[index]) for index, column in enumerate(columns)}
    notes += listed(f"Spelled otherwise in {path.name}", respelled)
    if unknown.any():
        first, count = text.lines[int(np.argmax(unknown))], int(unknown.sum())
        what = "with words or missing values unknown to the training part"
        notes.append(f"{count:,} rows of {path.name} {what} are left out, first in line {first}.")
    return rows[~unknown], (*notes, *text.notes)


def coded(text: Text, columns: tuple[Column, ...], cells: Mapping[int, Cells]) -> Coded:
    """The rows of a text whose columns are those of the table."""
    values = [_values(text, index, column, cells[index]) for index, column in enumerate(columns)]
    rows = np.array(values, dtype=np.float64).T.copy()
    may_be_missing = np.array([column.mark is not None for column in columns])
    return Coded(rows, (np.isnan(rows) & ~may_be_missing).any(axis=1))


def _header(path: Path, columns: tuple[Column, ...]) -> Header:
    """Whether the first line of another file holds these columns' names."""
    rows = read_records(path).rows
    return "yes" if rows and {column.name for column in columns} <= set(rows[0][1]) else "no"


def _values(text: Text, index: int, column: Column, cells: Cells) -> NDArray[np.float64]:
    """float64 [n]: numbers, or the codes of categories; NaN for what is missing or no category."""
    if not column.categories:
        return numbers_of(text, index, cells)
    known = Categories.of(column.categories, text.marks)
    codes = {cell: known.code(cell, text.decimal) for cell in cells.counts}
    return np.array([codes[cell] for cell in text.columns[index]], dtype=np.float64)  # None becomes NaN


def _respelled(text: Text, index: int, column: Column, cells: Cells) -> str:
    """Cells that are spelled otherwise than their category, such as 0.0 for 0; empty if there are none."""
    known = Categories.of(column.categories, text.marks)
    codes = {cell: known.code(cell, text.decimal) for cell in cells.counts if cell not in known.words}
    found = {cell: column.categories[code] for cell, code in codes.items() if code is not None}
    if not column.categories or not found:
        return ""
    cell, category = next(iter(found.items()))
    return f"{cells_in_words(cells.count(list(found)))}, such as {cell or 'empty'} for {category or 'empty'}"
