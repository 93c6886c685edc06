"""Reads rows of a table from delimited text: the codes and numbers of its cells in given columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.domains._categories import Categories
from ganwright.domains._records import read_records
from ganwright.domains._tabular import PARQUET, opened
from ganwright.domains._text import Cells, Header, Text, TextOptions
from ganwright.domains._text_numbers import cells_in_words, converted, listed, matching, numbers_of

LISTED = 20  # categories in a message


class Coded(NamedTuple):
    """Rows float64 [n, columns], and which of them, bool [n], hold a word or a missing value that the data lack."""

    rows: NDArray[np.float64]
    unknown: NDArray[np.bool_]


def read_table(
    path: Path, columns: tuple[Column, ...], options: TextOptions | None = None, all_known: bool = False
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The rows of another file in a table's columns, float64 [N, columns], and notes.

    Columns are matched by name if the file has a header, otherwise by order. Rows with unknown words are left out, or
    raise UserError if all have to be known; a dot after a known word is ignored, as in the UCI repository's test files.
    Raises UserError if the file is missing or does not match.
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
    if all_known and unknown.any():
        raise _unknown(text, columns, rows)
    if unknown.all():
        raise UserError(f"{path} has no row whose words all occur in the training part.")
    notes += converted(text, {i: of for i, of in cells.items() if not columns[i].categories}, "float64")
    respelled = {column.name: _respelled(text, index, column, cells[index]) for index, column in enumerate(columns)}
    notes += listed(f"Spelled otherwise in {path.name}", respelled)
    if unknown.any():
        first, count = text.lines[int(np.argmax(unknown))], int(unknown.sum())
        what = "with words or missing values unknown to the training part"
        notes.append(f"{count:,} rows of {path.name} {what} are left out, first in {text.counted} {first}.")
    return rows[~unknown], (*notes, *text.notes)


def unknown_category(text: Text, index: int, column: Column, cell: str) -> UserError:
    """An error that names the line of a word that no category of a column has, and those that there are."""
    few = ", ".join(column.categories[:LISTED]) + ", ..." * (column.width > LISTED)
    close = get_close_matches(cell, column.categories, n=1)
    hint = f"; the nearest is {close[0]}" if close else ""
    return text.error_of(cell, index, f"{cell!r} is no category of the data, which are {few}{hint}")


def _unknown(text: Text, columns: tuple[Column, ...], rows: NDArray[np.float64]) -> UserError:
    """An error about the first cell that is no category, or is a missing value that the data lack."""
    lacking = np.isnan(rows) & np.array([column.mark is None for column in columns])
    row, index = (int(one[0]) for one in np.nonzero(lacking))
    cell = text.columns[index][row]
    if columns[index].categories:
        return unknown_category(text, index, columns[index], cell)
    return text.error(row, index, f"{cell!r} stands for a missing value, and the data have none")


def coded(text: Text, columns: tuple[Column, ...], cells: Mapping[int, Cells]) -> Coded:
    """The rows of a text whose columns are those of the table."""
    values = [_values(text, index, column, cells[index]) for index, column in enumerate(columns)]
    rows = np.array(values, dtype=np.float64).T.copy()
    may_be_missing = np.array([column.mark is not None for column in columns])
    return Coded(rows, (np.isnan(rows) & ~may_be_missing).any(axis=1))


def _header(path: Path, columns: tuple[Column, ...]) -> Header:
    """Whether the first line of another file holds these columns' names, or some of them and nothing else; Parquet has
    them elsewhere."""
    if path.suffix.lower() == PARQUET:
        return "auto"
    rows = read_records(path).rows
    names, first = {column.name for column in columns}, set(rows[0][1]) if rows else set()
    return "yes" if first and (names <= first or first <= names) else "no"


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
