"""Reads time series from delimited text, one time step per line, and cuts windows from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from ganwright.core.errors import UserError
from ganwright.domains._text import Header, Row, Text, finite, opened
from ganwright.domains._values import as_float32

TIME_COLUMNS = ("date", "time", "datetime", "timestamp")  # a column of this name is never a feature
FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")  # besides ISO 8601, each with or without a time of day
CLOCKS = ("", " %H:%M", " %H:%M:%S")


def windows(series: np.ndarray, window: int, where: str) -> np.ndarray:
    """Views [n, window, feature] of a series [time, feature], without a copy; raises UserError if it is too short."""
    if len(series) < window:
        raise UserError(f"{where} has {len(series):,} lines: too few for windows of {window}.")
    return np.lib.stride_tricks.sliding_window_view(series, window, axis=0).transpose(0, 2, 1)


def is_time(cell: str) -> bool:
    """Whether a cell is a date, with or without a time of day; a number is not."""
    return finite(cell) is None and _format([cell]) is not None


def read_series(path: Path, header: Header) -> tuple[tuple[str, ...], np.ndarray, list[str]]:
    """The names of the features, their values float32 [time, feature] in chronological order, and notes."""
    text = opened(path, header)
    rows = list(text.rows)
    if not rows:
        raise UserError(f"{path} has no lines below its header.")
    times = _time_columns(text.names, rows[0][1])
    features = [index for index in range(len(text.names)) if index not in times]
    if not features:
        raise UserError(f"{path} has no columns of numbers besides its times.")
    names = tuple(text.names[index] for index in features)
    values = [[text.finite(line, index, cells[index]) for index in features] for line, cells in rows]
    series = as_float32(np.array(values), str(path))
    notes = [f"Features: {', '.join(names)}."]
    notes += [f"{text.names[index]} is a time and gives the order only." for index in times]
    if times and _newest_first(text, times[0], rows):
        return names, series[::-1], [*notes, "The newest line came first: the order is reversed."]
    return names, series, notes


def _time_columns(names: Sequence[str], first: Sequence[str]) -> list[int]:
    return [
        index
        for index, (name, cell) in enumerate(zip(names, first, strict=True))
        if name.lower() in TIME_COLUMNS or is_time(cell)
    ]


def _newest_first(text: Text, index: int, rows: list[Row]) -> bool:
    """Whether times descend throughout; False if they cannot be parsed. Raises UserError if they are not sorted."""
    moments = _moments([cells[index].strip() for _, cells in rows])
    grows = [later >= earlier for earlier, later in pairwise(moments)]
    if all(grows):
        return False
    if all(later <= earlier for earlier, later in pairwise(moments)):
        return True
    line, cells = rows[grows.index(False) + 1]
    raise text.error(line, index, f"{cells[index]!r} goes back in time; sort the lines by it")


def _moments(cells: list[str]) -> list[float]:
    """The cells as numbers, or as seconds if they are dates; empty if they are neither."""
    numbers = [finite(cell) for cell in cells]
    if None not in numbers:
        return [value for value in numbers if value is not None]
    form = _format(cells)
    return [] if form is None else [_moment(cell, form) for cell in cells]


def _moment(cell: str, form: str) -> float:
    moment = datetime.fromisoformat(cell) if form == "ISO" else datetime.strptime(cell, form)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _format(cells: list[str]) -> str | None:
    """The first date format that all cells match, or None."""
    for form in ("ISO", *(date + clock for date in FORMATS for clock in CLOCKS)):
        try:
            for cell in cells:
                _moment(cell.strip(), form)
        except ValueError:
            continue
        return form
    return None
