"""Loads points from delimited text, with or without a header."""

from __future__ import annotations

from ganwright.core.data import Data
from ganwright.data._arrays import encode_labels
from ganwright.domains._text import Text
from ganwright.domains._text_points import read_points
from ganwright.domains.points import Points


def load(text: Text) -> Data:
    """Points float32 [N, columns] and their labels; see `read_points`."""
    found = read_points(text)
    labels, where = found.labels, str(text.path)
    encoded, classes = (None, ()) if labels is None else encode_labels(labels, len(found.points), where)
    names = tuple(found.columns) if text.has_header else ()
    notes = (f"Columns: {', '.join(found.columns)}.", *found.notes, *text.notes)
    return Data(text.path.stem, Points.standardised(found.points, names), found.points, encoded, classes, notes)
