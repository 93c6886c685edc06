"""Delimited text: the names of its columns, its cells, how they were read, and errors that name a cell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from ganwright.core.errors import UserError
from ganwright.domains._encoding import name_of
from ganwright.domains._header import is_header
from ganwright.domains._numbers import Decimal, DecimalSigns, Marks, Number, decimal_signs, is_code, number
from ganwright.domains._records import Records, Row, read_records
from ganwright.domains._separator import described

SUFFIXES = (".csv", ".tsv", ".txt", ".data", ".test")  # the UCI repository uses the last two

SKIPPED = {  # one and several
    "comment": ("comment line", "comment lines"),
    "empty": ("empty line", "empty lines"),
    "no content": ("line of empty cells", "lines of empty cells"),
    "separator": ("line that names the separator", "lines that name the separator"),
    "end": ("separator at the end of a line", "separators at the ends of lines"),
}

Header = Literal["auto", "yes", "no"]


@dataclass(frozen=True)
class TextOptions:
    """How delimited text is read; `_files.load` documents the options."""

    header: Header = "auto"
    missing: tuple[str, ...] | None = None
    decimal: Decimal | None = None

    @classmethod
    def among(cls, options: Mapping[str, Any] | None) -> TextOptions:
        """Those of a loader's options."""
        given = {name: value for name, value in (options or {}).items() if name in cls.__dataclass_fields__}
        missing = given.get("missing")
        return cls(**{**given, "missing": None if missing is None else tuple(missing)})

    @property
    def marks(self) -> Marks:
        return Marks(self.missing)


@dataclass(frozen=True)
class Cells:
    """The different cells of a column with their counts, by kind. `numbers` may be infinite; `codes` are whole numbers
    with leading zeros."""

    numbers: Mapping[str, Number]
    codes: Sequence[str]
    words: Sequence[str]
    missing: Counter[str]
    counts: Counter[str]

    def count(self, cells: Sequence[str] | Mapping[str, Number]) -> int:
        """How often these cells occur."""
        return sum(self.counts[cell] for cell in cells)

    @cached_property
    def infinite(self) -> list[str]:
        return [cell for cell, value in self.numbers.items() if not math.isfinite(value.value)]

    @property
    def mark(self) -> str | None:
        """The most frequent mark of a missing value; None without missing values."""
        return max(self.missing, key=lambda mark: self.missing[mark]) if self.missing else None


@dataclass(frozen=True)
class Text:
    """The columns of a file; without a header they are called 1, 2, ... `lines` are the line numbers of the rows, or
    the rows' own numbers from 1, as `counted` says; `places` are those of selected columns in the file."""

    path: Path
    names: list[str]
    lines: list[int]
    columns: list[list[str]]
    has_header: bool
    separator: str
    decimal: Decimal
    marks: Marks
    notes: tuple[str, ...]
    counted: str = "line"
    places: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def error(self, row: int, column: int, complaint: str) -> UserError:
        """An error that names the line and column of a cell."""
        place = f"{self.counted} {self.lines[row]}, column {self._place(column) + 1} ({self.names[column]})"
        return UserError(f"{self.path}, {place}: {complaint}.")

    def _place(self, column: int) -> int:
        return column if self.places is None else self.places[column]

    def error_of(self, cell: str, column: int, complaint: str) -> UserError:
        """An error that names the first place of a cell of the column."""
        return self.error(self.columns[column].index(cell), column, complaint)

    @cached_property
    def _cells(self) -> dict[tuple[int, str | None], Cells]:
        return {}

    def cells(self, column: int, mark: str | None = None) -> Cells:
        """The column's cells by kind; `mark` is another mark of its missing values."""
        if (column, mark) not in self._cells:
            self._cells[column, mark] = self._by_kind(column, mark)
        return self._cells[column, mark]

    def _by_kind(self, column: int, mark: str | None) -> Cells:
        counts = Counter(self.columns[column])
        missing = Counter({cell: count for cell, count in counts.items() if cell == mark or self.marks.has(cell)})
        parsed = {cell: number(cell, self.decimal) for cell in counts if cell not in missing}
        codes = [cell for cell in parsed if is_code(cell)]
        numbers = {cell: value for cell, value in parsed.items() if value is not None and not is_code(cell)}
        words = [cell for cell, value in parsed.items() if value is None]
        return Cells(numbers, codes, words, missing, counts)

    def selected(self, columns: Sequence[int]) -> Text:
        """The text of these columns, in this order."""
        names, cells = ([one[index] for index in columns] for one in (self.names, self.columns))
        places = tuple(self._place(column) for column in columns)
        part = replace(self, names=names, columns=cells, places=places)  # type: ignore[arg-type]
        for place, index in enumerate(columns):
            part._cells.update({(place, mark): of for (known, mark), of in self._cells.items() if known == index})
        return part


def opened(path: Path, options: TextOptions | None = None) -> Text:
    """Reads text separated by commas, semicolons, tabs, pipes or spaces; see `TextOptions`.

    Raises UserError, which names the file and the line of what cannot be read, or the option that settles what can be
    read in two ways.
    """
    options = options or TextOptions()
    records = read_records(path, options.marks)
    rows = records.rows
    if not rows:
        raise UserError(f"{path} has no lines{_besides(records)}.")
    decimal = options.decimal or _decimal(path, rows, records.separator, options.marks)
    first, below = rows[0][1], _columns(rows[1:], len(rows[0][1]))
    where = f"{path}: the first row, in line {rows[0][0]},"
    has_header = options.header == "yes" or (
        options.header == "auto" and is_header(first, below, decimal, options.marks, where)
    )
    names = [str(index + 1) for index in range(len(first))]
    if has_header:
        names = _names(path, rows[0][0], first)
        rows = rows[1:]
    notes = _notes(
        path.name, records, has_header, decimal, [name for name, cell in zip(names, first, strict=True) if not cell]
    )
    columns = below if has_header else _columns(rows, len(first))
    return Text(
        path, names, [line for line, _ in rows], columns, has_header, records.separator, decimal, options.marks, notes
    )


def _columns(rows: Sequence[Row], width: int) -> list[list[str]]:
    return [[cells[index] for _, cells in rows] for index in range(width)]


def _names(path: Path, line: int, first: Sequence[str]) -> list[str]:
    """The names in the header, which must differ; a column without a name gets its number."""
    names = [cell or str(index + 1) for index, cell in enumerate(first)]
    for index, name in enumerate(names):
        if name in names[:index]:
            places = f"columns {names.index(name) + 1} and {index + 1}"
            raise UserError(f"{path}, line {line}: two columns are called {name} ({places}): rename one of them.")
    return names


def _notes(name: str, records: Records, has_header: bool, decimal: Decimal, unnamed: Sequence[str]) -> tuple[str, ...]:
    """How the file was read, and what was skipped."""
    header = "the first row holds the names" if has_header else "no names in the first row, so columns are numbered"
    how = f"{name_of(records.encoding)}, {described(records.separator)}{', decimal comma' * (decimal == 'comma')}"
    notes = [f"{name} is read as {how}; {header}."]
    if has_header and unnamed:
        notes.append(f"Columns without a name are called by their number: {', '.join(unnamed)}.")
    if records.skipped:
        notes.append(f"Skipped in {name}: {_skipped(records)}.")
    if records.marked:
        lines = "1 line is a row" if records.marked == 1 else f"{records.marked:,} lines are rows"
        notes.append(f"{lines} in spite of # or | at the beginning, with as many cells as most lines.")
    return tuple(notes)


def _skipped(records: Records) -> str:
    return ", ".join(f"{count:,} {SKIPPED[kind][count > 1]}" for kind, count in records.skipped.items())


def _besides(records: Records) -> str:
    return f" besides those that are skipped ({_skipped(records)})" if records.skipped else ""


def _decimal(path: Path, rows: Sequence[Row], separator: str, marks: Marks) -> Decimal:
    """The decimal sign of the file's numbers; raises UserError if both occur, or if 1,234 may be either."""
    if separator != ";" and not any("," in cell or cell.count(".") > 1 for _, cells in rows for cell in cells):
        return "point"
    shown = [_shown(column, marks) for column in zip(*(cells for _, cells in rows), strict=True)]
    comma, point, both = (list(chain.from_iterable(kind)) for kind in zip(*shown, strict=True))
    if comma and point:
        places = f"{_place(rows, comma[0])} and {_place(rows, point[0])}"
        raise UserError(
            f"{path} has numbers with a decimal comma and with a decimal point ({places}): say --decimal comma or "
            "--decimal point; numbers with the other sign are then read as words."
        )
    if comma or point:
        return "comma" if comma else "point"
    if (both and separator == ";") or (any("," in cell for cell in both) and separator != ","):
        raise UserError(
            f"{path}: {_place(rows, both[0])} may have a decimal sign or a thousands separator: "
            "say --decimal comma or --decimal point."
        )
    return "point"


def _shown(column: Sequence[str], marks: Marks) -> DecimalSigns:
    """The evidence of a column; nothing if most of its cells are words."""
    counts = Counter(column)
    shown = decimal_signs(counts)
    if not any(shown):
        return shown
    numeric = sum(count for cell, count in counts.items() if number(cell) or number(cell, "comma"))
    present = sum(count for cell, count in counts.items() if not marks.has(cell))
    return shown if 2 * numeric >= present else DecimalSigns([], [], [])


def _place(rows: Sequence[Row], cell: str) -> str:
    line = next(line for line, cells in rows if cell in cells)
    return f"{cell!r} in line {line}"
