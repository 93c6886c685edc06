"""Text in columns: lines, cells, the header, numbers, and the sentence for a cell that is none."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ganwright.core.errors import UserError

Header = Literal["auto", "yes", "no"]
Row = tuple[int, list[str]]  # the line's number, and its cells


@dataclass(frozen=True)
class Reading:
    """How text in columns is to be read, where it is not plain points."""

    window: int | None = None
    table: bool = False
    header: Header = "auto"
    categories: tuple[str, ...] = ()
    test: str | None = None


@dataclass(frozen=True)
class Text:
    """A file's columns by name, 1, 2, ... where it has no header, and its rows, to be gone through once."""

    path: Path
    names: list[str]
    rows: Iterator[Row]
    has_header: bool

    def error(self, number: int, column: int, complaint: str) -> UserError:
        """The sentence about a cell."""
        return UserError(f"{self.path}, line {number}, column {column + 1} ({self.names[column]}): {complaint}.")

    def finite(self, number: int, column: int, cell: str) -> float:
        """A cell's number; a UserError that names line and column where it is none, nan or infinite."""
        value = finite(cell)
        if value is None:
            raise self.error(number, column, f"{cell!r} is not a finite number")
        return value


def opened(path: Path, header: Header = "auto") -> Text:
    """Comma, semicolon, tab or space separated text; empty lines and those that begin with # or | are passed.

    The first line is a header, unless told, where none of its cells is a number. A UserError names the file,
    and the line where it has more or fewer cells than the first.
    """
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise UserError(f"{path} has no lines.")
    cells = first[1]
    is_header = header == "yes" or (header == "auto" and all(number(cell) is None for cell in cells))
    names = [cell.strip() for cell in cells] if is_header else [str(place + 1) for place in range(len(cells))]
    return Text(path, names, _even(path, len(cells), rows, None if is_header else first), is_header)


def finite(cell: str) -> float | None:
    """The cell's number; None for words, nan and infinities."""
    value = number(cell)
    return value if value is not None and math.isfinite(value) else None


def number(cell: str) -> float | None:
    """As Python reads it."""
    try:
        return float(cell)
    except ValueError:
        return None


def _even(path: Path, width: int, rows: Iterable[Row], first: Row | None) -> Iterator[Row]:
    """The rows, of which each must have `width` cells."""
    if first is not None:
        yield first
    for line, cells in rows:
        if len(cells) != width:
            raise UserError(f"{path}, line {line}: {len(cells)} cells where {width} are expected.")
        yield line, cells


def _rows(path: Path) -> Iterator[Row]:
    """Line numbers and cells; the separator is the commonest in the first line, a space where there is no other."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = ((line, text.strip("\r\n")) for line, text in enumerate(file, 1))
            full = ((line, text) for line, text in lines if text.strip() and not text.lstrip().startswith(("#", "|")))
            separator = None
            for line, text in full:
                separator = separator or _separator(text.strip())
                yield line, _cells(text, separator)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as text in columns ({error}).") from error


def _separator(text: str) -> str:
    commonest = max(",;\t", key=text.count)
    return commonest if commonest in text else " "


def _cells(text: str, separator: str) -> list[str]:
    return text.split() if separator == " " else next(csv.reader([text], delimiter=separator, skipinitialspace=True))
