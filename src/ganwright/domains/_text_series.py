"""Reads time series from delimited text, one time step per line, and cuts windows from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ganwright.core.errors import UserError
from ganwright.domains._numbers import number
from ganwright.domains._text import Text
from ganwright.domains._text_numbers import all_present, converted, matching
from ganwright.domains._values import as_float32

TIME_COLUMNS = ("date", "time", "datetime", "timestamp")  # a column of this name is never a feature
FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")  # besides ISO 8601, each with or without a time of day
CLOCKS = ("", " %H:%M", " %H:%M:%S")
MONTH_FIRST = tuple("%m/%d/%Y" + clock for clock in CLOCKS)
HINT = "; series have no words and no missing values: mend the file"


def windows(series: np.ndarray, window: int, where: str) -> np.ndarray:
    """Views [n, window, feature] of a series [time, feature], without a copy; raises UserError if it is too short."""
    if len(series) < window:
        raise UserError(f"{where} has {len(series):,} lines: too few for windows of {window}.")
    return np.lib.stride_tricks.sliding_window_view(series, window, axis=0).transpose(0, 2, 1)


def is_time(cell: str) -> bool:
    """Whether a cell is a date, with or without a time of day; a number is not."""
    return number(cell) is None and _format([cell]) is not None


class SeriesText(NamedTuple):
    """The names of the features, their values float32 [time, feature] in chronological order, and notes."""

    names: tuple[str, ...]
    values: np.ndarray
    notes: list[str]


def read_series(text: Text, wanted: Sequence[str] = ()) -> SeriesText:
    """A series from text, with the features `wanted` if these are given."""
    if not len(text):
        raise UserError(f"{text.path} has no lines below its header.")
    times = _time_columns(text)
    features = text.selected([index for index in range(len(text.names)) if index not in times])
    if not features.names:
        raise UserError(f"{text.path} has no columns of numbers besides its times.")
    features, notes = matching(features, wanted) if wanted else (features, [])
    cells = {index: features.cells(index) for index in range(len(features.names))}
    values = np.stack([all_present(features, index, column, HINT) for index, column in cells.items()], axis=1)
    series, names = as_float32(values, str(text.path)), tuple(features.names)
    notes = [f"Features: {', '.join(names)}.", *notes]
    notes += [f"{text.names[index]} is a time and gives the order only." for index in times]
    notes += converted(features, cells, "float32")
    if not times:
        return SeriesText(names, series, notes)
    newest_first, said = _order(text, times[0])
    return SeriesText(names, series[::-1] if newest_first else series, [*notes, *said])


def _time_columns(text: Text) -> list[int]:
    return [
        index
        for index, (name, column) in enumerate(zip(text.names, text.columns, strict=True))
        if name.lower() in TIME_COLUMNS or is_time(column[0])
    ]


def _order(text: Text, index: int) -> tuple[bool, list[str]]:
    """Whether times descend throughout, and notes; raises UserError if they are not sorted."""
    name, column = text.names[index], text.columns[index]
    moments = _moments(column)
    if not moments:
        return False, [f"{name} cannot be read as times: the lines keep their order."]
    steps = [later - earlier for earlier, later in pairwise(moments)]
    newest_first = any(step < 0 for step in steps)
    if newest_first and any(step > 0 for step in steps):
        row = [step >= 0 for step in steps].index(False) + 1
        raise text.error(row, index, f"{column[row]!r} goes back in time; sort the lines by it")
    notes = ["The newest line came first: the order is reversed."] * newest_first
    if _format(column) in MONTH_FIRST:
        notes.append(f"{name} has the month first: {column[0]}.")
    sizes = sorted({round(abs(step), 6) for step in steps})
    if len(sizes) > 1:
        notes.append(
            f"The steps of {name} differ, and windows take them as equal: {sizes[0]:g} to {sizes[-1]:g}{_unit(column)}."
        )
    return newest_first, notes


def _unit(column: Sequence[str]) -> str:
    return "" if number(column[0]) is not None else " seconds"


def _moments(cells: list[str]) -> list[float]:
    """The cells as numbers, or as seconds if they are dates; empty if they are neither."""
    numbers = [number(cell) for cell in cells]
    if None not in numbers:
        return [value.value for value in numbers if value is not None]
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
