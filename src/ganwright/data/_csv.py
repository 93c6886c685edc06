"""Points from a file of numbers in columns, with or without a header."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._arrays import as_points, encode_labels
from ganwright.data._text import Header, Text, number, opened
from ganwright.domains.points import Points

LABEL_COLUMNS = ("label", "class", "condition")  # a header of that name makes labels


def load(path: Path, header: Header = "auto") -> Data:
    """Points float32 [N, columns] from comma, semicolon, tab or space separated numbers; empty and # lines are passed.

    A column that the header calls label, class or condition becomes the labels, numbers or words. A UserError names
    file, line and column of a cell that is no number.
    """
    text = opened(path, header)
    label, values, labels = label_column(text.names), array("d"), list[str]()
    for line, cells in text.rows:
        for column, cell in enumerate(cells):
            if column == label:
                labels.append(cell.strip())
            else:
                values.append(text.finite(line, column, cell))
    return _data(text, label, np.array(values), labels)


def label_column(names: list[str]) -> int | None:
    """The place of the column that the header calls one of labels, if there is one."""
    lowered = [name.lower() for name in names]
    return next((lowered.index(name) for name in LABEL_COLUMNS if name in lowered), None)


def _data(text: Text, label: int | None, values: np.ndarray, labels: list[str]) -> Data:
    """The data set of `values`, row after row, without the column of labels."""
    if not values.size:
        raise UserError(f"{text.path} has no points.")
    columns = [name for place, name in enumerate(text.names) if place != label]
    points = as_points(values.reshape(-1, len(columns)), str(text.path))
    notes = (f"Columns: {', '.join(columns)}.",)
    encoded, classes = None, tuple[str, ...]()
    if label is not None:
        encoded, classes = encode_labels(_words(labels), len(points), str(text.path))
    return Data(text.path.stem, Points.standardised(points), points, encoded, classes, notes)


def _words(labels: list[str]) -> np.ndarray:
    """Integers where all are, so that 10 comes after 9; else words."""
    numbers = [number(label) for label in labels]
    whole = all(value is not None and value.is_integer() for value in numbers)
    return np.array(numbers, dtype=np.float64).astype(np.int64) if whole else np.array(labels)
