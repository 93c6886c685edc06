"""Parses delimited text: lines, cells, the header, numbers, and errors that name the cell."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ganwright.core.errors import UserError

SUFFIXES = (".csv", ".tsv", ".txt", ".data", ".test")  # the UCI repository uses the last two

Header = Literal["auto", "yes", "no"]
Row = tuple[int, list[str]]  # line number and cells


@dataclass(frozen=True)
class Text:
    """The column names of a file (1, 2, ... without a header), and its rows as an iterator."""

    path: Path
    names: list[str]
    rows: Iterator[Row]
    has_header: bool

    def error(self, number: int, column: int, complaint: str) -> UserError:
        """An error that names the line and column of a cell."""
        return UserError(f"{self.path}, line {number}, column {column + 1} ({self.names[column]}): {complaint}.")

    def finite(self, number: int, column: int, cell: str) -> float:
        """The cell as a number; raises UserError, which names line and column, if it is not a finite number."""
        value = finite(cell)
        if value is None:
            raise self.error(number, column, f"{cell!r} is not a finite number")
        return value


def opened(path: Path, header: Header = "auto") -> Text:
    """Opens text separated by commas, semicolons, tabs or spaces.

    Empty lines and those that start with # or | are skipped. By default the first line is a header if none of its cells
    is a number. Raises UserError, which names the file, and the line whose number of cells differs from the first.
    """
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise UserError(f"{path} has no lines.")
    cells = first[1]
    is_header = header == "yes" or (header == "auto" and all(number(cell) is None for cell in cells))
    names = [cell.strip() for cell in cells] if is_header else [str(index + 1) for index in range(len(cells))]
    return Text(path, names, _even(path, len(cells), rows, None if is_header else first), is_header)


def finite(cell: str) -> float | None:
    """The cell as a number; None for words, NaN and infinities."""
    value = number(cell)
    return value if value is not None and math.isfinite(value) else None


def number(cell: str) -> float | None:
    """The cell as Python's `float` parses it, or None."""
    try:
        return float(cell)
    except ValueError:
        return None


def _even(path: Path, width: int, rows: Iterable[Row], first: Row | None) -> Iterator[Row]:
    """The rows; raises UserError for one without `width` cells."""
    if first is not None:
        yield first
    for line, cells in rows:
        if len(cells) != width:
            raise UserError(f"{path}, line {line}: {len(cells)} cells, expected {width}.")
        yield line, cells


def _rows(path: Path) -> Iterator[Row]:
    """Yields line numbers and cells; the separator is the most frequent one in the first line, otherwise a space."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = ((line, text.strip("\r\n")) for line, text in enumerate(file, 1))
            rows = ((line, text) for line, text in lines if text.strip() and not text.lstrip().startswith(("#", "|")))
            separator = None
            for line, text in rows:
                separator = separator or _separator(text.strip())
                yield line, _cells(text, separator)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as delimited text ({error}).") from error


def _separator(text: str) -> str:
    most_frequent = max(",;\t", key=text.count)
    return most_frequent if most_frequent in text else " "


def _cells(text: str, separator: str) -> list[str]:
    return text.split() if separator == " " else next(csv.reader([text], delimiter=separator, skipinitialspace=True))
