"""Points from a file of numbers in columns, with or without a header."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.points import Points
from ganwright.data._arrays import as_points, encode_labels

LABEL_COLUMNS = ("label", "class", "condition")  # a header of that name makes labels


def load(path: Path) -> Data:
    """Points float32 [N, columns] from comma, semicolon, tab or space separated numbers; empty and # lines are passed.

    A column that the header calls label, class or condition becomes the labels, numbers or words. A UserError names
    file, line and column of a cell that is no number.
    """
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise UserError(f"{path} has no lines.")
    number, cells = first
    header = None if any(_number(cell) is not None for cell in cells) else cells
    table = _Table(path, header or [str(column + 1) for column in range(len(cells))])
    if header is None:
        table.add(number, cells)
    for number, cells in rows:
        table.add(number, cells)
    return table.data()


class _Table:
    """The columns read so far."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self.path, self.columns = path, columns
        lowered = [column.strip().lower() for column in columns]
        self.label = next((lowered.index(name) for name in LABEL_COLUMNS if name in lowered), None)
        self.values, self.labels = array("d"), list[str]()
        self.count = 0

    def add(self, number: int, cells: list[str]) -> None:
        if len(cells) != len(self.columns):
            raise UserError(f"{self.path}, line {number}: {len(cells)} cells where {len(self.columns)} are expected.")
        for column, cell in enumerate(cells):
            if column == self.label:
                self.labels.append(cell.strip())
            else:
                self.values.append(self._value(number, column, cell))
        self.count += 1

    def _value(self, number: int, column: int, cell: str) -> float:
        value = _number(cell)
        if value is not None and math.isfinite(value):
            return value
        later = "" if self.count or value is not None else " A column of words is for tables, which come later."
        name = f"column {column + 1} ({self.columns[column].strip()})"
        raise UserError(f"{self.path}, line {number}, {name}: {cell!r} is not a finite number.{later}")

    def data(self) -> Data:
        if not self.count or not self.values:
            raise UserError(f"{self.path} has no points.")
        points = as_points(np.array(self.values).reshape(self.count, -1), str(self.path))
        columns = [column.strip() for place, column in enumerate(self.columns) if place != self.label]
        notes = (f"Columns: {', '.join(columns)}.",)
        labels, classes = None, tuple[str, ...]()
        if self.label is not None:
            labels, classes = encode_labels(_words(self.labels), self.count, str(self.path))
        return Data(self.path.stem, Points.standardised(points), points, labels, classes, notes)


def _words(labels: list[str]) -> np.ndarray:
    """Integers where all are, so that 10 comes after 9; else words."""
    numbers = [_number(label) for label in labels]
    whole = all(number is not None and number.is_integer() for number in numbers)
    return np.array(numbers, dtype=np.float64).astype(np.int64) if whole else np.array(labels)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells; the separator is the commonest in the first line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = ((number, line.strip("\r\n")) for number, line in enumerate(file, 1))
            full = ((number, line) for number, line in lines if line.strip() and not line.lstrip().startswith("#"))
            separator = None
            for number, line in full:
                separator = separator or max(",;\t ", key=line.strip().count)
                yield number, _cells(line, separator)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as text in columns ({error}).") from error


def _cells(line: str, separator: str) -> list[str]:
    return line.split() if separator == " " else next(csv.reader([line], delimiter=separator))


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
