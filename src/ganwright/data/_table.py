"""A table of numbers and words from text in columns."""

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
MOST_CATEGORIES = 1000  # a column with more different words is a name or a key, and left out
TEST_SHARE = 5  # one row of so many is kept for the test part


@dataclass(frozen=True)
class _Cells:
    """All the cells of a file, by column and without the blanks around them; `lines` are the rows' numbers."""

    text: Text
    lines: list[int]
    columns: list[list[str]]


def load(path: Path, reading: Reading, split: Split = "train") -> Data:
    """Rows float64 [N, columns]: numbers, and codes for words in the order of the column's categories.

    A column holds categories where some cell is a word, where `reading.categories` names it, or where its cells are one
    of two whole numbers; "?" and blanks are categories of their own there. A column of over 1,000 different words is
    left out. Without a test file one row of five, always the same, is the test part. A UserError names the line and
    column of a missing cell among numbers.
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
    """The rows of another file in the columns of a table, float64 [N, columns], and notes.

    Columns are found by their names where the file has a header, else by their order. Rows with words that the table
    does not know are left out; a dot behind a known word is passed over, as the UCI collection has it.
    """
    if not path.is_file():
        raise UserError(f"There is no {path}.")
    cells = _matching(_cells(path, _header(path, columns) if header == "auto" else header), columns)
    rows = _coded(cells, columns)
    unknown = np.isnan(rows).any(axis=1)
    if unknown.all():
        raise UserError(f"{path} has no row whose words are all known from the training part.")
    if not unknown.any():
        return rows, ()
    first = cells.lines[int(np.argmax(unknown))]
    what = f"{int(unknown.sum()):,} rows of {path.name} hold words that the training part has not"
    return rows[~unknown], (f"{what} and are left out, the first in line {first}.",)


def _cells(path: Path, header: Header) -> _Cells:
    """Everything in the file. A first line of words is no header after all where its words come again below."""
    text = opened(path, header)
    rows = list(text.rows)
    if not rows:
        raise UserError(f"{path} has no rows.")
    columns = [[cell.strip() for cell in column] for column in zip(*(cells for _, cells in rows), strict=True)]
    of_words = not any(all(finite(cell) is not None for cell in column) for column in columns)
    again = any(name in column for name, column in zip(text.names, columns, strict=True))
    if header == "auto" and text.has_header and of_words and again:
        return _cells(path, "no")
    return _Cells(text, [line for line, _ in rows], columns)


def _described(cells: _Cells, chosen: Sequence[str]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns that are kept, and notes that list them and those that are not."""
    names = cells.text.names
    for name in chosen:
        if name not in names:
            raise UserError(f"{cells.text.path} has no column {name!r} for --categories.{nearest(name, names)}")
    described = [_column(cells, place, name in chosen) for place, name in enumerate(names)]
    columns = tuple(column for column in described if column.width <= MOST_CATEGORIES)
    left_out = [column for column in described if column.width > MOST_CATEGORIES]
    if not columns:
        raise UserError(f"{cells.text.path} has only columns of over {MOST_CATEGORIES:,} different words.")
    numbers = [column.name for column in columns if not column.categories]
    words = [f"{column.name} ({column.width})" for column in columns if column.categories]
    notes = [f"Numbers: {', '.join(numbers)}."] if numbers else []
    notes += [f"Categories: {', '.join(words)}."] if words else []
    notes += [f"{column.name} is left out: it has {column.width:,} different words." for column in left_out]
    return columns, tuple(notes)


def _column(cells: _Cells, place: int, chosen: bool) -> Column:
    name, column = cells.text.names[place], cells.columns[place]
    values = [finite(cell) for cell in column]
    numbers = [value for value in values if value is not None]
    words = [cell for cell, value in zip(column, values, strict=True) if value is None]
    if chosen or any(number(word) is None and word not in MISSING for word in words) or not numbers or _flag(column):
        return Column(name, _ordered(set(column)))
    if words:
        row = values.index(None)
        hint = "fill it in, leave the line out, or name the column in --categories"
        raise cells.text.error(cells.lines[row], place, f"{column[row]!r} stands among numbers: {hint}")
    return Column.of_numbers(name, np.array(numbers))


def _flag(column: Sequence[str]) -> bool:
    """Whether the cells are one of two whole numbers, such as 0 and 1."""
    values = {finite(cell) for cell in column}
    return len(values) == len(set(column)) == 2 and all(value is not None and value.is_integer() for value in values)


def _ordered(words: set[str]) -> tuple[str, ...]:
    """Sorted, numbers by their value before other words."""
    return tuple(sorted(words, key=_rank))


def _rank(word: str) -> tuple[bool, float, str]:
    value = finite(word)
    return value is None, value or 0.0, word


def _header(path: Path, columns: tuple[Column, ...]) -> Header:
    """Whether another file of these columns begins with their names."""
    _, first = next(opened(path, "no").rows)
    return "yes" if {column.name for column in columns} <= {cell.strip() for cell in first} else "no"


def _matching(cells: _Cells, columns: tuple[Column, ...]) -> _Cells:
    """The cells of these columns, in their order."""
    text, names = cells.text, [column.name for column in columns]
    if set(names) <= set(text.names):
        places = [text.names.index(name) for name in names]
    elif not text.has_header and len(text.names) == len(names):
        places = list(range(len(names)))
    else:
        raise UserError(f"{text.path} has {len(text.names)} columns, but not the table's: {', '.join(names)}.")
    return _Cells(replace(text, names=names), cells.lines, [cells.columns[place] for place in places])


def _coded(cells: _Cells, columns: tuple[Column, ...]) -> np.ndarray:
    """float64 [n, columns]; nan for a word that the column has not."""
    matching = _matching(cells, columns)
    coded = [_codes(matching, place, column) for place, column in enumerate(columns)]
    return np.array(coded, dtype=np.float64).T.copy()


def _codes(cells: _Cells, place: int, column: Column) -> list[float]:
    if not column.categories:
        pairs = zip(cells.lines, cells.columns[place], strict=True)
        return [cells.text.finite(line, place, cell) for line, cell in pairs]
    codes = {word: float(code) for code, word in enumerate(column.categories)}
    return [codes.get(word, codes.get(word.removesuffix("."), math.nan)) for word in cells.columns[place]]


def _part(rows: np.ndarray, split: Split, path: Path) -> tuple[np.ndarray, str]:
    """One row of five is for tests: which ones depends on their number alone; the order stays."""
    is_test = np.zeros(len(rows), dtype=bool)
    is_test[generator("test rows", len(rows)).permutation(len(rows))[: len(rows) // TEST_SHARE]] = True
    if split == "test" and not is_test.any():
        raise UserError(f"{path} has {len(rows)} rows, too few for a test part: name a file with --test.")
    note = f"{int(is_test.sum()):,} of the {len(rows):,} rows are kept as the test part."
    return rows[is_test if split == "test" else ~is_test], note
