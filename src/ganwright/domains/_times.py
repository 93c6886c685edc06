"""Reads columns of times: dates with or without a time of day, or numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ganwright.domains._numbers import number
from ganwright.domains._text import Text

TIME_COLUMNS = ("date", "time", "datetime", "timestamp", "step")  # a column of this name is a time, if none is chosen
FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")  # besides ISO 8601, each with or without a time of day
CLOCKS = ("", " %H:%M", " %H:%M:%S")
MONTH_FIRST = tuple("%m/%d/%Y" + clock for clock in CLOCKS)
UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))  # in seconds
ISO = "ISO"
COMPACT, COMPACT_DATE = "%Y%m%d", re.compile(r"(?:19|20)[0-9]{6}")
ALL_FORMATS = (ISO, *(date + clock for date in FORMATS for clock in CLOCKS), "%Y-%m")


def is_time(cell: str) -> bool:
    """Whether a cell is a date, with or without a time of day; a number is not."""
    return number(cell) is None and format_of([cell]) is not None


def time_columns(text: Text) -> list[int]:
    """The columns that are times by their name or by their first cell."""
    return [
        index
        for index, (name, column) in enumerate(zip(text.names, text.columns, strict=True))
        if name.lower() in TIME_COLUMNS or is_time(column[0])
    ]


def moments(text: Text, index: int) -> NDArray[np.float64] | None:
    """The times of a column, float64 [n]: numbers, or seconds if they are dates; None if they are neither.

    Raises UserError, which names the line, for a missing or infinite time, and for one that is no time like others.
    """
    cells = dict.fromkeys(text.columns[index])
    missing = next((cell for cell in cells if text.marks.has(cell)), None)
    if missing is not None:
        raise text.error_of(missing, index, f"{missing!r} stands for a missing value; every line needs its time")
    numbers = {cell: number(cell, text.decimal) for cell in cells}
    values = {cell: value.value for cell, value in numbers.items() if value is not None}
    if len(values) < len(cells):
        form = format_of(cells)
        if form is None:
            _refuse_another(text, index, cells)
            return None
        values = {cell: _seconds(cell, form) for cell in cells}
    infinite = next((cell for cell, value in values.items() if math.isinf(value)), None)
    if infinite is not None:
        raise text.error_of(infinite, index, f"{infinite!r} is no time")
    return np.array([values[cell] for cell in text.columns[index]], dtype=np.float64)


def written_format(cells: Iterable[str]) -> str:
    """The format of dates in which all cells are, also of those without separators, such as 20240131; "" if none is."""
    cells = list(dict.fromkeys(cells))
    if all(number(cell) is None for cell in cells[:1]):
        return format_of(cells) or ""
    compact = all(COMPACT_DATE.fullmatch(cell) for cell in cells) and _matching(cells, COMPACT) == len(cells)
    return COMPACT if compact else ""


def format_of(cells: Iterable[str]) -> str | None:
    """The first date format that all cells match, or None."""
    cells = list(cells)
    return next((form for form in ALL_FORMATS if _matching(cells, form) == len(cells)), None)


def duration(size: float, cells: Sequence[str]) -> str:
    """A difference of these times in words: a number as it is, of dates as days, hours, minutes or seconds."""
    if number(cells[0]) is not None:
        return f"{size:g}"
    seconds, unit = next((one for one in UNITS if size >= one[0]), UNITS[-1])
    count = f"{size / seconds:.6g}"
    return f"{count} {unit}{'s' * (count != '1')}"


def _refuse_another(text: Text, index: int, cells: Iterable[str]) -> None:
    """Raises UserError for the first cell that is no time, if the cells begin with times."""
    cells = list(cells)
    numbers = next((count for count, cell in enumerate(cells) if number(cell, text.decimal) is None), 0)
    count = max(numbers, *(_matching(cells, form) for form in ALL_FORMATS))
    if count:
        raise text.error_of(cells[count], index, f"{cells[count]!r} is no time as those before it are")


def _matching(cells: Sequence[str], form: str) -> int:
    """How many cells from the first on match a format."""
    for count, cell in enumerate(cells):
        try:
            _seconds(cell, form)
        except ValueError:
            return count
    return len(cells)


def moment(cell: str, form: str) -> datetime:
    """A date in a format of `format_of`; raises ValueError if it is not."""
    return datetime.fromisoformat(cell) if form == ISO else datetime.strptime(cell, form)


def _seconds(cell: str, form: str) -> float:
    when = moment(cell, form)
    return when.replace(tzinfo=when.tzinfo or UTC).timestamp()
