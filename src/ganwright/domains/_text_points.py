"""Reads points from delimited text, with or without a header."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ganwright.core.errors import UserError
from ganwright.domains._text import Header, number, opened
from ganwright.domains._values import as_float32

LABEL_COLUMNS = ("label", "class", "condition")  # a column of this name holds the labels


class PointsText(NamedTuple):
    """The names of the columns, the points float32 [n, columns], and their labels [n], integers or strings, if any."""

    columns: list[str]
    points: np.ndarray
    labels: np.ndarray | None


def read_points(path: Path, header: Header = "auto") -> PointsText:
    """Points from text separated by commas, semicolons, tabs or spaces; # lines are comments.

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
    if not values:
        raise UserError(f"{path} has no points.")
    columns = [name for index, name in enumerate(text.names) if index != label]
    points = as_float32(np.array(values).reshape(-1, len(columns)), str(path))
    return PointsText(columns, points, None if label is None else _label_values(labels))


def label_column(names: list[str]) -> int | None:
    """The index of the first column of labels by its name in the header, or None."""
    lowered = [name.lower() for name in names]
    return next((lowered.index(name) for name in LABEL_COLUMNS if name in lowered), None)


def _label_values(labels: list[str]) -> np.ndarray:
    """Integers if all labels are, so that 10 sorts after 9; otherwise strings."""
    numbers = [number(label) for label in labels]
    whole = all(value is not None and value.is_integer() for value in numbers)
    return np.array(numbers, dtype=np.float64).astype(np.int64) if whole else np.array(labels)
