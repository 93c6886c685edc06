"""Loads points from delimited text, with or without a header."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._arrays import as_points, encode_labels
from ganwright.data._text import Header, Text, number, opened
from ganwright.domains.points import Points

LABEL_COLUMNS = ("label", "class", "condition")  # a column of this name holds the labels


def load(path: Path, header: Header = "auto") -> Data:
    """Points float32 [N, columns] from text separated by commas, semicolons, tabs or spaces; # lines are comments.

    A column named label, class or condition holds the labels, as numbers or strings. Raises UserError, which names the
    file, line and column of a cell that is not a finite number.
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
    """The index of the first column of labels by its name in the header, or None."""
    lowered = [name.lower() for name in names]
    return next((lowered.index(name) for name in LABEL_COLUMNS if name in lowered), None)


def _data(text: Text, label: int | None, values: np.ndarray, labels: list[str]) -> Data:
    """The data set of `values`, flattened row by row without the column of labels."""
    if not values.size:
        raise UserError(f"{text.path} has no points.")
    columns = [name for index, name in enumerate(text.names) if index != label]
    points = as_points(values.reshape(-1, len(columns)), str(text.path))
    notes = (f"Columns: {', '.join(columns)}.",)
    encoded, classes = None, tuple[str, ...]()
    if label is not None:
        encoded, classes = encode_labels(_label_values(labels), len(points), str(text.path))
    return Data(text.path.stem, Points.standardised(points), points, encoded, classes, notes)


def _label_values(labels: list[str]) -> np.ndarray:
    """Integers if all labels are, so that 10 sorts after 9; otherwise strings."""
    numbers = [number(label) for label in labels]
    whole = all(value is not None and value.is_integer() for value in numbers)
    return np.array(numbers, dtype=np.float64).astype(np.int64) if whole else np.array(labels)
