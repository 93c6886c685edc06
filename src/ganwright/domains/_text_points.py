"""Reads points from delimited text, with or without a header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ganwright.core.errors import UserError
from ganwright.domains._numbers import is_code, number
from ganwright.domains._text import Text
from ganwright.domains._text_numbers import all_present, converted, listed, matching, missing
from ganwright.domains._values import as_float32

LABEL_COLUMNS = ("label", "class", "condition")  # a column of this name holds the labels
HINT = "; points have no words and no missing values: mend the file, or read it with --table"


class PointsText(NamedTuple):
    """The names of the columns, the points float32 [n, columns], their labels [n], integers or strings, if any, and
    notes."""

    columns: list[str]
    points: np.ndarray
    labels: np.ndarray | None
    notes: tuple[str, ...]


def read_points(text: Text, names: Sequence[str] = ()) -> PointsText:
    """Points from text, in the order of the columns' `names` if these are given.

    A column named label, class or condition holds the labels, as numbers or strings. Raises UserError, which names the
    file, line and column of a cell that is not a finite number.
    """
    if not len(text):
        raise UserError(f"{text.path} has no points.")
    label = label_column(text.names)
    selected = text.selected([index for index in range(len(text.names)) if index != label])
    if not selected.names:
        raise UserError(f"{text.path} has no columns besides its labels.")
    selected, notes = matching(selected, names) if names else (selected, [])
    cells = {index: selected.cells(index) for index in range(len(selected.names))}
    columns = [all_present(selected, index, column, HINT) for index, column in cells.items()]
    points = as_float32(np.stack(columns, axis=1), str(text.path))
    notes += converted(selected, cells, "float32")
    if label is None:
        return PointsText(selected.names, points, None, tuple(notes))
    found = missing(text.cells(label))
    notes.append(f"Column {text.names[label]} holds the labels.")
    notes += listed("Missing labels are a class of their own", {text.names[label]: found})
    return PointsText(selected.names, points, _label_values(text.columns[label]), tuple(notes))


def label_column(names: list[str]) -> int | None:
    """The index of the first column of labels by its name in the header, or None."""
    lowered = [name.lower() for name in names]
    return next((lowered.index(name) for name in LABEL_COLUMNS if name in lowered), None)


def _label_values(labels: list[str]) -> np.ndarray:
    """Integers if all labels are, so that 10 sorts after 9; otherwise strings."""
    numbers = [number(label) for label in labels]
    values = [value.value for value in numbers if value is not None and not value.unit and not value.grouped]
    whole = len(values) == len(labels) and all(value % 1 == 0 and abs(value) < 2**53 for value in values)
    if whole and not any(map(is_code, labels)):
        return np.array(values, dtype=np.float64).astype(np.int64)
    return np.array(labels)
