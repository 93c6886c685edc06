"""Reads series from text: the values of their columns, and files in the form of a domain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.domain import Origin
from ganwright.core.errors import UserError, nearest
from ganwright.domains._categories import Categories
from ganwright.domains._steps import Roles, Steps, steps_of
from ganwright.domains._text import Text
from ganwright.domains._text_numbers import all_present, converted, matching
from ganwright.domains._text_table import unknown_category
from ganwright.domains._times import COMPACT, written_format
from ganwright.domains._values import as_float32
from ganwright.domains._windows import begins_of, cut, padded

HINT = "; numbers of series have no words and no missing values: mend the file"


def numbers_of_feature(text: Text, index: int) -> NDArray[np.float64]:
    """A column of numbers [lines]; raises UserError, which names the line, for words, gaps and what float32 lacks."""
    values = all_present(text, index, text.cells(index), HINT)
    too_large = np.abs(values) > np.finfo(np.float32).max
    if too_large.any():
        row = int(np.argmax(too_large))
        raise text.error(row, index, f"{text.columns[index][row]!r} is outside the range of float32; scale the column")
    return values


def codes_of(text: Text, index: int, column: Column) -> NDArray[np.float64]:
    """A column of categories [lines] as codes; raises UserError, which names the line, for an unknown one."""
    cells = text.cells(index)
    known = Categories.of(column.categories, text.marks)
    codes = {cell: known.code(cell, text.decimal) for cell in cells.counts}
    unknown = next((cell for cell, code in codes.items() if code is None), None)
    if unknown is not None:
        raise unknown_category(text, index, column, unknown)
    return np.array([codes[cell] for cell in text.columns[index]], dtype=np.float64)


def is_static(values: NDArray[np.float64], series: Steps) -> bool:
    """Whether a column [lines] has one value throughout each series."""
    return not _changes(values, series).any()


def check_static(text: Text, index: int, values: NDArray[np.float64], series: Steps, key: str) -> None:
    """Raises UserError, which names the line, unless a column [lines] has one value throughout each series."""
    changed = _changes(values, series)
    if changed.any():
        row = int(series.rows[changed].min())
        complaint = f"{text.columns[index][row]!r} is another value than in the lines before of the same series"
        raise text.error(row, index, f"{complaint}; a static column has one value for each {key}")


def _changes(values: NDArray[np.float64], series: Steps) -> NDArray[np.bool_]:
    """Where a column differs from its series' first step, in the order of `series.rows`."""
    ordered = values[series.rows]
    return np.asarray(ordered != np.repeat(ordered[series.bounds[:-1]], series.lengths))


class Form(NamedTuple):
    """What of a domain's fields says how another file is read; see `Series`."""

    features: tuple[Column, ...]
    static: tuple[Column, ...]
    steps: int
    variable: bool
    latest: bool
    key: str
    time: str


class ReadSeries(NamedTuple):
    """The series of another file [n, steps, columns], notes, and where in it each was, if they are the latest."""

    samples: NDArray[np.float32]
    notes: list[str]
    origins: tuple[Origin, ...] = ()


def read_series(text: Text, form: Form) -> ReadSeries:
    """The series of another file.

    Lines with the same key are a series; without the key's column all lines are one, unless they are of variable
    length. Whole series, their last steps if `latest`, otherwise all windows of consecutive steps. Series that do not
    fit are left out.
    """
    path = text.path
    if not len(text):
        raise UserError(f"{path} has no lines below its header.")
    if form.variable and form.key not in text.names:
        raise UserError(f"{path} has no column {form.key}, which tells series apart.{nearest(form.key, text.names)}")
    key, time = (name if name in text.names else None for name in (form.key, form.time))
    columns = form.features + form.static
    roles = Roles.of(text, key, time, [column.name for column in columns])
    found = text.selected([index for index in range(len(text.names)) if index not in roles.others])
    if not found.names:
        raise UserError(f"{path} has no columns besides its times.")
    found, notes = matching(found, [column.name for column in columns])
    series = steps_of(text, roles)
    values = np.stack(
        [
            codes_of(found, place, column) if column.categories else numbers_of_feature(found, place)
            for place, column in enumerate(columns)
        ],
        axis=1,
    )
    for place in range(len(form.features), len(columns)):
        check_static(found, place, values[:, place], series, form.key)
    numbers = {place: found.cells(place) for place, column in enumerate(columns) if not column.categories}
    notes = [*notes, *series.notes, *converted(found, numbers, "float32")]
    stored = as_float32(values, str(path))[series.rows]
    begin, end = series.bounds[:-1], series.bounds[1:]
    fits = (end - begin <= form.steps) if form.variable else (end - begin >= form.steps)
    what = f"{'longer than' if form.variable else 'shorter than'} {form.steps} time steps"
    if not fits.any():
        one = f"{path} has {len(text):,} {text.counted}s: too few for series of {form.steps} time steps."
        raise UserError(one if roles.key is None else f"Every series of {path} is {what}.")
    if not fits.all():
        notes.append(f"{(~fits).sum():,} of {len(fits):,} series of {path.name} are {what} and left out.")
    begin, end = begin[fits], end[fits]
    if form.variable:
        return ReadSeries(padded(stored, begin, end, form.steps), notes)
    if form.latest:
        origins, more = _origins(text, roles, series.rows, end - form.steps, form.steps)
        latest = cut(stored, end - form.steps, form.steps)
        return ReadSeries(latest, [*notes, *_off_grid(columns, latest), *more], origins)
    begins = begins_of(begin, end, form.steps)
    if len(begins) > len(begin):
        notes.append(f"{path.name} is read as {len(begins):,} windows of {form.steps} time steps, stride 1.")
    return ReadSeries(cut(stored, begins, form.steps), notes)


def _off_grid(columns: tuple[Column, ...], series: NDArray[np.float32]) -> list[str]:
    """Notes on the columns of series [n, steps, columns] that samples, which have them too, show rounded."""
    return [
        f"{column.name} is rounded to multiples of {column.resolution:g}, which all training data are."
        for place, column in enumerate(columns)
        if not column.on_grid(series[:, :, place].astype(np.float64))
    ]


def _origins(
    text: Text, roles: Roles, rows: NDArray[np.int64], begins: NDArray[np.int64], steps: int
) -> tuple[tuple[Origin, ...], list[str]]:
    """The keys and times of the steps rows[begin : begin + steps] of each series, and a note on dates that look like
    numbers."""
    keys = None if roles.key is None else text.columns[roles.key]
    times = None if roles.time is None else text.columns[roles.time]
    form = "" if times is None else written_format(times)
    notes = []
    if times is not None and form == COMPACT:
        assert roles.time is not None
        notes.append(f"{text.names[roles.time]} holds dates without separators, such as {times[0]}.")
    origins = []
    for begin in begins.tolist():
        of = rows[begin : begin + steps].tolist()
        stamps = () if times is None else tuple(times[row] for row in of)
        origins.append(Origin(None if keys is None else keys[of[0]], stamps, form))
    return tuple(origins), notes
