"""Loads points from delimited text, with or without a header."""

from __future__ import annotations

from pathlib import Path

from ganwright.core.data import Data
from ganwright.data._arrays import encode_labels
from ganwright.domains._text import Header
from ganwright.domains._text_points import read_points
from ganwright.domains.points import Points


def load(path: Path, header: Header = "auto") -> Data:
    """Points float32 [N, columns] and their labels; see `read_points`."""
    columns, points, labels = read_points(path, header)
    encoded, classes = (None, ()) if labels is None else encode_labels(labels, len(points), str(path))
    notes = (f"Columns: {', '.join(columns)}.",)
    return Data(path.stem, Points.standardised(points), points, encoded, classes, notes)
