"""Reads rows of a table from delimited text: its cells, and their codes in given columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.domains._text import Header, Text, finite, opened


@dataclass(frozen=True)
class Cells:
    """All cells of a file by column, stripped; `lines` are the line numbers of the rows."""

    text: Text
    lines: list[int]
    columns: list[list[str]]


def read_table(path: Path, columns: tuple[Column, ...], header: Header = "auto") -> tuple[np.ndarray, tuple[str, ...]]:
    """The rows of another file in a table's columns, float64 [N, columns], and notes.

    Columns are matched by name if the file has a header, otherwise by order. Rows with unknown words are left out; a
    dot after a known word is ignored, as in the UCI repository's test files. Raises UserError if the file is missing or
    does not match.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist.")
    cells = _matching(read_cells(path, _header(path, columns) if header == "auto" else header), columns)
    rows = coded(cells, columns)
    unknown = np.isnan(rows).any(axis=1)
    if unknown.all():
        raise UserError(f"{path} has no row whose words all occur in the training part.")
    if not unknown.any():
        return rows, ()
    first = cells.lines[int(np.argmax(unknown))]
    count = int(unknown.sum())
    note = f"{count:,} rows of {path.name} with words unknown to the training part are left out, first in line {first}."
    return rows[~unknown], (note,)


def read_cells(path: Path, header: Header) -> Cells:
    """All cells of the file; a first line of words is data, not a header, if any of them recurs below it."""
    text = opened(path, header)
    rows = list(text.rows)
    if not rows:
        raise UserError(f"{path} has no rows.")
    columns = [[cell.strip() for cell in column] for column in zip(*(cells for _, cells in rows), strict=True)]
    only_words = not any(all(finite(cell) is not None for cell in column) for column in columns)
    recurs = any(name in column for name, column in zip(text.names, columns, strict=True))
    if header == "auto" and text.has_header and only_words and recurs:
        return read_cells(path, "no")
    return Cells(text, [line for line, _ in rows], columns)


def _header(path: Path, columns: tuple[Column, ...]) -> Header:
    """Whether the first line of another file holds these columns' names."""
    _, first = next(opened(path, "no").rows)
    return "yes" if {column.name for column in columns} <= {cell.strip() for cell in first} else "no"


def _matching(cells: Cells, columns: tuple[Column, ...]) -> Cells:
    """The cells of these columns, in their order; raises UserError if the file lacks them."""
    text, names = cells.text, [column.name for column in columns]
    if set(names) <= set(text.names):
        indices = [text.names.index(name) for name in names]
    elif not text.has_header and len(text.names) == len(names):
        indices = list(range(len(names)))
    else:
        raise UserError(f"{text.path} has {len(text.names)} columns that do not match the table's: {', '.join(names)}.")
    return Cells(replace(text, names=names), cells.lines, [cells.columns[index] for index in indices])


def coded(cells: Cells, columns: tuple[Column, ...]) -> np.ndarray:
    """float64 [n, columns]; NaN for a word that is not a category of the column."""
    matching = _matching(cells, columns)
    codes = [_codes(matching, index, column) for index, column in enumerate(columns)]
    return np.array(codes, dtype=np.float64).T.copy()


def _codes(cells: Cells, index: int, column: Column) -> list[float]:
    if not column.categories:
        pairs = zip(cells.lines, cells.columns[index], strict=True)
        return [cells.text.finite(line, index, cell) for line, cell in pairs]
    codes = {word: float(code) for code, word in enumerate(column.categories)}
    return [codes.get(word, codes.get(word.removesuffix("."), math.nan)) for word in cells.columns[index]]
