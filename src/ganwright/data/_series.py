"""Windows of a time series from text in columns, a line a step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._arrays import as_points
from ganwright.data._choices import Split
from ganwright.data._text import Header, Row, Text, finite, opened
from ganwright.domains.series import Series

TIME_COLUMNS = ("date", "time", "datetime", "timestamp")  # a header of that name is never a feature
FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")  # beside ISO 8601, each with or without a time of day
CLOCKS = ("", " %H:%M", " %H:%M:%S")
TRAIN_SHARE = 0.8  # of the time, from its beginning


def load(path: Path, window: int, header: Header = "auto", split: Split = "train") -> Data:
    """All windows float32 [N, window, features] of neighbouring lines, one line further each (stride 1).

    The training part are the windows of the first 80 % of the lines, the test part those of the last 20 %: no line is
    in both. Both are scaled by the training part's range. A column of dates or times is left out; where it shows that
    the newest line stands first, the order is turned round. A UserError names the line and column of a cell that is
    no finite number, the line where time goes back, and a part that is shorter than a window.
    """
    names, series, notes = _series(path, header)
    cut = int(TRAIN_SHARE * len(series))
    train, test = series[:cut], series[cut:]
    parts = f"the first {len(train):,} lines are the training part, the last {len(test):,} the test part"
    note = f"Windows of {window} lines, one line further each; {parts}."
    found = windows(train, window, f"The train part of {path}")
    if split == "test":
        found = windows(test, window, f"The test part of {path}")
    return Data(path.stem, Series.spanning(train, window, names), found, notes=(*notes, note))


def read(path: Path, domain: Series, header: Header = "auto") -> np.ndarray:
    """All the windows in another file with the same features; a UserError where it has others."""
    names, series, _ = _series(path, header)
    if len(names) != len(domain.names):
        raise UserError(f"{path} has the features {', '.join(names)}; {', '.join(domain.names)} are expected.")
    return windows(series, domain.steps, str(path))


def windows(series: np.ndarray, window: int, where: str) -> np.ndarray:
    """Views [n, window, feature] of a series [time, feature]; nothing is copied."""
    if len(series) < window:
        raise UserError(f"{where} has {len(series):,} lines: too few for windows of {window}.")
    return np.lib.stride_tricks.sliding_window_view(series, window, axis=0).transpose(0, 2, 1)


def is_time(cell: str) -> bool:
    """Whether a cell is written as a date, with or without a time of day; a bare number is none."""
    return finite(cell) is None and _format([cell]) is not None


def _series(path: Path, header: Header) -> tuple[tuple[str, ...], np.ndarray, list[str]]:
    """The features' names, their values float32 [time, feature] in order of time, and notes."""
    text = opened(path, header)
    rows = list(text.rows)
    if not rows:
        raise UserError(f"{path} has no lines below its header.")
    times = _time_columns(text.names, rows[0][1])
    kept = [place for place in range(len(text.names)) if place not in times]
    if not kept:
        raise UserError(f"{path} has no columns of numbers beside its times.")
    names = tuple(text.names[place] for place in kept)
    values = [[text.finite(line, place, cells[place]) for place in kept] for line, cells in rows]
    series = as_points(np.array(values), str(path))
    notes = [f"Features: {', '.join(names)}."]
    notes += [f"{text.names[place]} is a time: it gives the order and is left out." for place in times]
    if times and _newest_first(text, times[0], rows):
        return names, series[::-1], [*notes, "The newest line stood first: the order is turned round."]
    return names, series, notes


def _time_columns(names: Sequence[str], first: Sequence[str]) -> list[int]:
    return [
        place
        for place, (name, cell) in enumerate(zip(names, first, strict=True))
        if name.lower() in TIME_COLUMNS or is_time(cell)
    ]


def _newest_first(text: Text, place: int, rows: list[Row]) -> bool:
    """Whether time runs backwards throughout; where the cells cannot be read as times, the order is taken as it is."""
    moments = _moments([cells[place].strip() for _, cells in rows])
    grows = [later >= earlier for earlier, later in pairwise(moments)]
    if all(grows):
        return False
    if all(later <= earlier for earlier, later in pairwise(moments)):
        return True
    line, cells = rows[grows.index(False) + 1]
    raise text.error(line, place, f"{cells[place]!r} goes back in time; sort the lines by it")


def _moments(cells: list[str]) -> list[float]:
    """Numbers that grow with time: the cells' own, or seconds; empty where they are neither."""
    numbers = [finite(cell) for cell in cells]
    if None not in numbers:
        return [value for value in numbers if value is not None]
    written = _format(cells)
    return [] if written is None else [_moment(cell, written) for cell in cells]


def _moment(cell: str, written: str) -> float:
    moment = datetime.fromisoformat(cell) if written == "ISO" else datetime.strptime(cell, written)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _format(cells: list[str]) -> str | None:
    """The first way of writing dates that all cells follow."""
    for written in ("ISO", *(date + clock for date in FORMATS for clock in CLOCKS)):
        try:
            for cell in cells:
                _moment(cell.strip(), written)
        except ValueError:
            continue
        return written
    return None
