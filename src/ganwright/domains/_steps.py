"""Which lines of a text are of one series, and in which order: by a column of keys and one of times."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganwright.domains._following_times import following
from ganwright.domains._text import Text
from ganwright.domains._times import MONTH_FIRST, duration, format_of, is_time, moments, time_columns

MONTH = 28 * 86_400.0  # seconds, of the shortest
SEVERAL = "name the column that tells several series apart with --key"


class Roles(NamedTuple):
    """The columns of a text that tell several series apart, give the order of their steps, and are left out."""

    key: int | None
    time: int | None
    left_out: tuple[int, ...]

    @classmethod
    def of(cls, text: Text, key: str | None, time: str | None, features: Collection[str] | None = None) -> Roles:
        """By their names; without that of a time, the first column of times, or the first that counts the steps of each
        key. Other columns of times are left out.

        A time that is chosen leaves out columns of dates only. Columns that are known to be `features` are no times,
        and where these are known, no column is a time because it counts.
        """
        names, known = text.names, features or ()
        places = [index for index in time_columns(text) if names[index] != key and names[index] not in known]
        if time is not None:
            others = [index for index in places if names[index] != time and is_time(text.columns[index][0])]
            return cls(None if key is None else names.index(key), names.index(time), tuple(others))
        if key is None:
            return cls(None, next(iter(places), None), tuple(places[1:]))
        place = names.index(key)
        guessed = not places and features is None
        counting = (index for index in range(len(names)) if _counts(text, place, index)) if guessed else ()
        return cls(place, next(iter(places or counting), None), tuple(places[1:]))

    @property
    def others(self) -> set[int]:
        """All of them: columns that hold no features."""
        return {index for index in (self.key, self.time, *self.left_out) if index is not None}


@dataclass(frozen=True)
class Steps:
    """The order of a text's lines: those of series i are rows[bounds[i] : bounds[i + 1]], from the first step on."""

    rows: NDArray[np.int64]  # [steps of all series]
    bounds: NDArray[np.int64]  # [series + 1]
    notes: tuple[str, ...]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.bounds)


def steps_of(text: Text, roles: Roles) -> Steps:
    """The series of a text in the order of their first lines, each in chronological order.

    Raises UserError, which names the line, for a missing key, and for times that are not sorted or occur twice in a
    series.
    """
    rows, bounds = _grouped(text, roles.key)
    if roles.time is None:
        return Steps(rows, bounds, ())
    notes = [f"{text.names[roles.time]} is a time and gives the order only."]
    notes += [f"{text.names[index]} is a time and is left out." for index in roles.left_out]
    times = moments(text, roles.time)
    if times is None:
        note = f"{text.names[roles.time]} cannot be read as times: the lines keep their order."
        return Steps(rows, bounds, (*notes, note))
    rows, more = _chronological(text, roles, times, rows, bounds)
    return Steps(rows, bounds, (*notes, *more))


def _counts(text: Text, key: int, index: int) -> bool:
    """Whether a column holds 0, 1, 2, ... or 1, 2, 3, ... for each key."""
    first = text.columns[index][0]
    if index == key or first not in ("0", "1") or text.cells(index).numbers.keys() != set(text.columns[index]):
        return False
    rows, bounds = _grouped(text, key)
    numbers = np.array([text.cells(index).numbers[cell].value for cell in text.columns[index]])[rows]
    lengths = np.diff(bounds)
    return bool((numbers - int(first) == np.arange(len(rows)) - np.repeat(bounds[:-1], lengths)).all())


def _grouped(text: Text, key: int | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of each key in their order, and where they begin; lines of one key need not follow one another."""
    if key is None:
        return np.arange(len(text)), np.array([0, len(text)])
    codes = {cell: code for code, cell in enumerate(dict.fromkeys(text.columns[key]))}
    missing = next((cell for cell in codes if text.marks.has(cell)), None)
    if missing is not None:
        raise text.error_of(missing, key, f"{missing!r} stands for a missing value; every line needs its key")
    series = np.array([codes[cell] for cell in text.columns[key]], dtype=np.int64)
    return np.argsort(series, kind="stable"), np.concatenate([[0], np.bincount(series).cumsum()])


def _chronological(
    text: Text, roles: Roles, times: NDArray[np.float64], rows: NDArray[np.int64], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[str]]:
    """The rows with those of series that descend in time reversed, and notes."""
    assert roles.time is not None
    name, cells, hint = text.names[roles.time], text.columns[roles.time], f", or {SEVERAL}" * (roles.key is None)
    lengths = np.diff(bounds)
    series = np.repeat(np.arange(len(lengths)), lengths)
    steps, of = np.diff(times[rows]), series[1:]
    within = series[1:] == series[:-1]
    same = within & (steps == 0)
    descends, ascends = (
        np.bincount(of[chosen], minlength=len(lengths)) > 0 for chosen in (within & (steps < 0), within & (steps > 0))
    )
    unsorted = within & (steps < 0) & (descends & ascends)[of]
    twice = "is the time of another step too", "mend the file (times are read to the microsecond)"
    for wrong, (complaint, remedy) in ((unsorted, ("goes back in time", "sort the lines by it")), (same, twice)):
        if wrong.any():
            row = int(rows[1:][wrong].min())
            at = int(np.flatnonzero(rows == row)[0])
            if (times[rows[bounds[series[at]] : at]] == times[row]).any():
                complaint, remedy = twice
            raise text.error(row, roles.time, f"{cells[row]!r} {complaint}; {remedy}{hint}")
    notes = []
    if descends.any():
        everywhere = "The newest line came first: the order is reversed."
        some = f"The newest line came first in {descends.sum():,} of {len(lengths):,} series: their order is reversed."
        notes.append(everywhere if descends[lengths > 1].all() else some)
    form = format_of(cells[:1])
    if form in MONTH_FIRST and format_of(dict.fromkeys(cells)) == form:
        notes.append(f"{name} has the month first: {cells[0]}.")
    notes += _uneven(text, roles.time, np.abs(steps).round(6), within, rows, bounds)
    place = np.arange(len(rows))
    mirrored = bounds[:-1][series] + bounds[1:][series] - 1 - place
    return rows[np.where(descends[series], mirrored, place)], notes


def _uneven(
    text: Text,
    time: int,
    steps: NDArray[np.float64],
    within: NDArray[np.bool_],
    rows: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> list[str]:
    """A note if the steps between successive rows differ `within` series; whole months do not."""
    sizes, counts = np.unique(steps[within], return_counts=True)
    if len(sizes) < 2:
        return []
    cells = text.columns[time]
    form = format_of(dict.fromkeys(cells))
    each = [[cells[row] for row in series] for series in np.split(rows, bounds[1:-1])] if sizes[0] >= MONTH else []
    if form is not None and each and all(following(one, 1, form) is not None for one in each if len(one) > 1):
        return []
    usual = sizes[counts.argmax()]
    odd = int(rows[1:][within & (steps != usual)].min())
    low, high, most = (duration(size, cells) for size in (sizes[0], sizes[-1], usual))
    return [
        f"The steps of {text.names[time]} differ, and series take them as equal: {low} to {high}, most often {most}; "
        f"the first other one leads to {text.counted} {text.lines[odd]}, {cells[odd]}."
    ]
