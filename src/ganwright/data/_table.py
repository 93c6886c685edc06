"""Loads tables of numbers and categories from delimited text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganwright.core.choices import Split
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.errors import MissingPartError, UserError, nearest
from ganwright.domains._text import Header, finite, number
from ganwright.domains._text_table import Cells, coded, read_cells, read_table
from ganwright.domains.table import Table

MISSING = ("", "?")
MAX_CATEGORIES = 1000  # a column with more distinct words is a name or a key, and left out
TEST_EVERY = 5  # one row of five is for the test part


@dataclass(frozen=True)
class Reading:
    """Loader options of delimited text, see `_files.load`; the defaults read points."""

    window: int | None = None
    table: bool = False
    header: Header = "auto"
    categories: tuple[str, ...] = ()
    test: str | None = None


def load(path: Path, reading: Reading, split: Split = "train") -> Data:
    """Rows float64 [N, columns]: numbers, and category codes in the order of the column's categories.

    A column is categorical if any cell is a word, if `reading.categories` names it, or if its cells are one of two
    integers; "?" and empty cells are categories of their own there. A column of over 1,000 distinct words is left out.
    Without a test file a fixed fifth of the rows is the test part. Raises UserError, which names the line and column of
    a missing cell among numbers.
    """
    cells = read_cells(path, reading.header)
    columns, notes = _described(cells, reading.categories)
    if reading.test is None:
        rows, note = _part(coded(cells, columns), split, path)
        return Data(path.stem, Table(columns), rows, notes=(*notes, note))
    if split == "train":
        return Data(path.stem, Table(columns), coded(cells, columns), notes=notes)
    rows, more = read_table(path.parent / Path(reading.test).expanduser(), columns, reading.header)
    return Data(path.stem, Table(columns), rows, notes=(*notes, *more))


def _described(cells: Cells, chosen: Sequence[str]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
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


def _column(cells: Cells, index: int, chosen: bool) -> Column:
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


def _part(rows: np.ndarray, split: Split, path: Path) -> tuple[np.ndarray, str]:
    """The rows of one part in order; the row numbers of the test part depend only on the number of rows."""
    is_test = np.zeros(len(rows), dtype=bool)
    is_test[generator("test rows", len(rows)).permutation(len(rows))[: len(rows) // TEST_EVERY]] = True
    if split == "test" and not is_test.any():
        raise MissingPartError(f"{path} has {len(rows)} rows, too few for a test part: give a file with --test.")
    note = f"{int(is_test.sum()):,} of the {len(rows):,} rows are the test part."
    return rows[is_test if split == "test" else ~is_test], note
