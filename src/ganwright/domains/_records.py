"""Reads the records of delimited text: cells with their line numbers, of one width; what is skipped is counted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ganwright.core.errors import UserError
from ganwright.domains._encoding import encoding_of
from ganwright.domains._numbers import Marks
from ganwright.domains._separator import SAMPLE, cut, separator_of

COMMENTS = ("#", "|")  # the UCI repository uses the second
NAMED = re.compile(r"\ufeff?sep=([,;\t|])\s*$", re.IGNORECASE)  # the first line of some files for spreadsheets

USUAL = Marks()

Row = tuple[int, list[str]]  # line number and stripped cells


class Records(NamedTuple):
    """The rows of a file, the first of them possibly a header; `skipped` counts lines by kind, `marked` rows that begin
    as comments do."""

    rows: list[Row]
    encoding: str
    separator: str
    skipped: Counter[str]
    marked: int


def read_records(path: Path, marks: Marks = USUAL) -> Records:
    """All rows of a file.

    Skipped are lines that are empty, comments, a first line such as sep=;, and rows without any content. A comment
    begins with # or |, and lies before the first row or has another number of cells than most lines; a line with as
    many cells is a row, and so is one whose first cell is a mark of a missing value, such as #NV.

    Raises UserError, which names the line, for a quotation mark that is never closed and for a row of another width.
    """
    try:
        encoding = encoding_of(path)
        sample = _sample(path, encoding)
        named = NAMED.match(sample[0]) if sample else None
        separator = named[1] if named else separator_of(sample)
        with path.open(newline="", encoding=encoding) as file:
            lines = _Lines(path, file, separator, _width(sample, separator), marks)
            rows = list(lines.rows())
    except (OSError, UnicodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as delimited text ({error}).") from error
    return Records(_even(path, rows, lines.skipped), encoding, separator, lines.skipped, lines.marked)


class _Lines:
    """The lines of a file as a CSV reader asks for them; between two records comments and empty lines are skipped."""

    def __init__(self, path: Path, file: Iterable[str], separator: str, width: int, marks: Marks) -> None:
        self.path, self.file, self.separator = path, enumerate(file, 1), separator
        self.width, self.marks = width, marks
        self.comments = tuple(sign for sign in COMMENTS if sign != separator)
        self.skipped: Counter[str] = Counter()
        self.marked = 0
        self.began = 0  # the line where the present record begins
        self.within = self.unclosed = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line, text in self.file:
            if self.within:
                return text
            bare = text.strip("\ufeff\x1a \r\n" if self.separator == "\t" else None)
            marked = bare.startswith(self.comments)
            if not bare or (marked and not self._is_row(bare)) or (not self.began and NAMED.match(bare)):
                self.skipped["empty" if not bare else "separator" if NAMED.match(bare) else "comment"] += 1
                continue
            self.began, self.within = line, True
            self.marked += marked
            return text
        self.unclosed = self.within
        raise StopIteration

    def _is_row(self, bare: str) -> bool:
        """Whether a line that begins as a comment is a row."""
        cells = cut(bare, self.separator)
        first = cells[0].strip()
        if len(cells) != self.width:
            return False
        if USUAL.has(first) or self.marks.has(first):
            return True
        return bool(self.began) and self.width > 1 and not (self.separator == " " and first in COMMENTS)

    def rows(self) -> Iterator[Row]:
        for cells in self._split():
            if self.unclosed:
                raise UserError(f"{self.path}, line {self.began}: a quotation mark is opened and never closed.")
            stripped = [cell.strip() for cell in cells]
            if any(stripped) or len(stripped) == 1:
                yield self.began, stripped
            else:
                self.skipped["no content"] += 1
            self.within = False

    def _split(self) -> Iterator[list[str]]:
        if self.separator == " ":
            return (cut(line, " ") for line in self)
        return csv.reader(self, delimiter=self.separator or ",", skipinitialspace=True)


def _sample(path: Path, encoding: str) -> list[str]:
    with path.open(newline="", encoding=encoding) as file:
        lines = (line for line in file if line.strip() and not line.lstrip().startswith("#"))
        found = [line for line, _ in zip(lines, range(SAMPLE), strict=False)]
    return [line for line in found if not line.lstrip().startswith(COMMENTS)] or found


def _width(sample: list[str], separator: str) -> int:
    """The most frequent number of cells of the lines."""
    widths = Counter(len(cut(line, separator)) for line in sample)
    return max(widths, key=lambda width: widths[width], default=0)


def _even(path: Path, rows: list[Row], skipped: Counter[str]) -> list[Row]:
    """The rows, without a separator that ends every line; raises UserError if their widths differ."""
    rows = _without_last_separator(rows, skipped)
    widths = Counter(len(cells) for _, cells in rows)
    if len(widths) <= 1:
        return rows
    (line, first), (second, other), *_ = rows
    if widths[len(first)] == 1 and len(widths) == 2 and len(rows) > 2:
        problem = f"line {line} has {_cells(first)} and line {second} has {len(other)}"
        raise UserError(f"{path}: {problem}; every line needs as many.")
    line, cells = next((line, cells) for line, cells in rows if len(cells) != len(first))
    hint = ": a cell that holds the separator needs quotation marks" if len(cells) > len(first) else ""
    raise UserError(f"{path}, line {line}: {_cells(cells)}, expected {len(first)}{hint}.")


def _cells(cells: list[str]) -> str:
    return f"{len(cells)} cell{'s' * (len(cells) != 1)}"


def _without_last_separator(rows: list[Row], skipped: Counter[str]) -> list[Row]:
    """The rows without their last cells, if all of these are empty; a header may lack the last separator."""
    if len(rows) < 2 or len(rows[1][1]) < 2:
        return rows
    start = int(len(rows[0][1]) == len(rows[1][1]) - 1)
    if any(cells[-1] for _, cells in rows[start:]):
        return rows
    skipped["end"] += len(rows) - start
    return rows[:start] + [(line, cells[:-1]) for line, cells in rows[start:]]
