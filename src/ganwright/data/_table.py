"""Loads tables of numbers and categories from delimited text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.errors import UserError, nearest
from ganwright.data._choices import Split
from ganwright.data._text import Header, Reading, Text, finite, number, opened
from ganwright.domains.table import Table

MISSING = ("", "?")
MAX_CATEGORIES = 1000  # a column with more distinct words is a name or a key, and left out
TEST_EVERY = 5  # one row of five is for the test part


@dataclass(frozen=True)
class _Cells:
    """All cells of a file by column, stripped; `lines` are the line numbers of the rows."""

    text: Text
    lines: list[int]
    columns: list[list[str]]


def load(path: Path, reading: Reading, split: Split = "train") -> Data:
    """Rows float64 [N, columns]: numbers, and category codes in the order of the column's categories.

    A column is categorical if any cell is a word, if `reading.categories` names it, or if its cells are one of two
    integers; "?" and empty cells are categories of their own there. A column of over 1,000 distinct words is left out.
    Without a test file a fixed fifth of the rows is the test part. Raises UserError, which names the line and column of
    a missing cell among numbers.
    """
    cells = _cells(path, reading.header)
    columns, notes = _described(cells, reading.categories)
    if reading.test is None:
        rows, note = _part(_coded(cells, columns), split, path)
        return Data(path.stem, Table(columns), rows, notes=(*notes, note))
    if split == "train":
        return Data(path.stem, Table(columns), _coded(cells, columns), notes=notes)
    rows, more = read(path.parent / Path(reading.test).expanduser(), columns, reading.header)
    return Data(path.stem, Table(columns), rows, notes=(*notes, *more))


def read(path: Path, columns: tuple[Column, ...], header: Header = "auto") -> tuple[np.ndarray, tuple[str, ...]]:
    """The rows of another file in a table's columns, float64 [N, columns], and notes.

    Columns are matched by name if the file has a header, otherwise by order. Rows with unknown words are left out; a
    dot after a known word is ignored, as in the UCI repository's test files. Raises UserError if the file is missing or
    does not match.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist.")
    cells = _matching(_cells(path, _header(path, columns) if header == "auto" else header), columns)
    rows = _coded(cells, columns)
    unknown = np.isnan(rows).any(axis=1)
    if unknown.all():
        raise UserError(f"{path} has no row whose words all occur in the training part.")
    if not unknown.any():
        return rows, ()
    first = cells.lines[int(np.argmax(unknown))]
    count = int(unknown.sum())
    note = f"{count:,} rows of {path.name} with words unknown to the training part are left out, first in line {first}."
    return rows[~unknown], (note,)


def _cells(path: Path, header: Header) -> _Cells:
    """All cells of the file; a first line of words is data, not a header, if any of them recurs below it."""
    text = opened(path, header)
    rows = list(text.rows)
    if not rows:
        raise UserError(f"{path} has no rows.")
    columns = [[cell.strip() for cell in column] for column in zip(*(cells for _, cells in rows), strict=True)]
    only_words = not any(all(finite(cell) is not None for cell in column) for column in columns)
    recurs = any(name in column for name, column in zip(text.names, columns, strict=True))
    if header == "auto" and text.has_header and only_words and recurs:
        return _cells(path, "no")
    return _Cells(text, [line for line, _ in rows], columns)


def _described(cells: _Cells, chosen: Sequence[str]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns of the table, and notes that list them and those left out."""
    names = cells.text.names
    for name in chosen:
        if name not in names:
            raise UserError(f"{cells.text.path} has no column {name!r} for --categories.{nearest(name, names)}")
    described = [_column(cells, index, name in chosen) for index, name in enumerate(names)]
    columns = tuple(column for column in described if column.width <= MAX_CATEGORIES)
    left_out = [column for column in described if column.width > MAX_CATEGORIES]
    if not columns:
        raise UserError(f"{cells.text.path} has only columns of over {MAX_CATEGORIES:,} distinct words.")
    numbers = [column.name for column in columns if not column.categories]
    words = [f"{column.name} ({column.width})" for column in columns if column.categories]
    notes = [f"Numbers: {', '.join(numbers)}."] if numbers else []
    notes += [f"Categories: {', '.join(words)}."] if words else []
    notes += [f"{column.name} is left out: it has {column.width:,} distinct words." for column in left_out]
    return columns, tuple(notes)


def _column(cells: _Cells, index: int, chosen: bool) -> Column:
    name, column = cells.text.names[index], cells.columns[index]
    values = [finite(cell) for cell in column]
    numbers = [value for value in values if value is not None]
    words = [cell for cell, value in zip(column, values, strict=True) if value is None]
    if chosen or any(number(word) is None and word not in MISSING for word in words) or not numbers or _flag(column):
        return Column(name, _ordered(set(column)))
    if words:
        row = values.index(None)
        hint = "fill it in, delete the line, or name the column in --categories"
        raise cells.text.error(cells.lines[row], index, f"{column[row]!r} among numbers: {hint}")
    return Column.of_numbers(name, np.array(numbers))


def _flag(column: Sequence[str]) -> bool:
    """Whether the cells are one of two integers, such as 0 and 1."""
    values = {finite(cell) for cell in column}
    return len(values) == len(set(column)) == 2 and all(value is not None and value.is_integer() for value in values)


def _ordered(words: set[str]) -> tuple[str, ...]:
    """Sorted, numbers by value before other words."""
    return tuple(sorted(words, key=_sort_key))


def _sort_key(word: str) -> tuple[bool, float, str]:
    value = finite(word)
    return value is None, value or 0.0, word


def _header(path: Path, columns: tuple[Column, ...]) -> Header:
    """Whether the first line of another file holds these columns' names."""
    _, first = next(opened(path, "no").rows)
    return "yes" if {column.name for column in columns} <= {cell.strip() for cell in first} else "no"


def _matching(cells: _Cells, columns: tuple[Column, ...]) -> _Cells:
    """The cells of these columns, in their order; raises UserError if the file lacks them."""
    text, names = cells.text, [column.name for column in columns]
    if set(names) <= set(text.names):
        indices = [text.names.index(name) for name in names]
    elif not text.has_header and len(text.names) == len(names):
        indices = list(range(len(names)))
    else:
        raise UserError(f"{text.path} has {len(text.names)} columns that do not match the table's: {', '.join(names)}.")
    return _Cells(replace(text, names=names), cells.lines, [cells.columns[index] for index in indices])


def _coded(cells: _Cells, columns: tuple[Column, ...]) -> np.ndarray:
    """float64 [n, columns]; NaN for a word that is not a category of the column."""
    matching = _matching(cells, columns)
    coded = [_codes(matching, index, column) for index, column in enumerate(columns)]
    return np.array(coded, dtype=np.float64).T.copy()


def _codes(cells: _Cells, index: int, column: Column) -> list[float]:
    if not column.categories:
        pairs = zip(cells.lines, cells.columns[index], strict=True)
        return [cells.text.finite(line, index, cell) for line, cell in pairs]
    codes = {word: float(code) for code, word in enumerate(column.categories)}
    return [codes.get(word, codes.get(word.removesuffix("."), math.nan)) for word in cells.columns[index]]


def _part(rows: np.ndarray, split: Split, path: Path) -> tuple[np.ndarray, str]:
    """The rows of one part in order; the row numbers of the test part depend only on the number of rows."""
    is_test = np.zeros(len(rows), dtype=bool)
    is_test[generator("test rows", len(rows)).permutation(len(rows))[: len(rows) // TEST_EVERY]] = True
    if split == "test" and not is_test.any():
        raise UserError(f"{path} has {len(rows)} rows, too few for a test part: give a file with --test.")
    note = f"{int(is_test.sum()):,} of the {len(rows):,} rows are the test part."
    return rows[is_test if split == "test" else ~is_test], note
