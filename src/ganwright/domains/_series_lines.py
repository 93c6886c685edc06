"""Writes series in columns, one line for each time step: a key, a time, and the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganwright.core.column import Column
from ganwright.core.domain import Origin, Stored
from ganwright.domains._column_values import as_shortest_texts, as_typed
from ganwright.domains._following_times import following
from ganwright.domains._parquet import Values, as_values
from ganwright.domains._plotted import Typed

DRAW = "draw"


class LineIndex(NamedTuple):
    """The columns that tell the lines of series apart: their names; a key, and if several have the same one the number
    of the draw, for each series; and at least as many times as it has steps."""

    key: str
    time: str
    keys: Sequence[str]
    times: Sequence[Sequence[str]]
    draw: str | None = None
    draws: Sequence[int] = ()

    @property
    def header(self) -> list[str]:
        return [self.key, self.time] if self.draw is None else [self.key, self.draw, self.time]

    def cells(self, series: int) -> list[object]:
        """What the lines of a series begin with, before the time."""
        return [self.keys[series]] if self.draw is None else [self.keys[series], self.draws[series]]


@dataclass(frozen=True)
class SeriesLines:
    """Stored series [n, steps, columns], NaN after their end, in columns: those of an index, then their own.

    Numbers have as many digits as tell float32 numbers apart.
    """

    columns: tuple[Column, ...]
    index: LineIndex

    @property
    def header(self) -> Sequence[str]:
        return [*self.index.header, *(column.name for column in self.columns)]

    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        """The number of the series and the cells of each line of a .csv."""
        for place, series in enumerate(stored):
            lasting = series[~np.isnan(series[:, 0])]
            cells = [as_shortest_texts(column, lasting[:, at]) for at, column in enumerate(self.columns)]
            first, times = self.index.cells(place), self.index.times[place]
            for step in range(len(lasting)):
                yield place, [*first, times[step], *(texts[step] for texts in cells)]

    def typed(self, stored: Stored) -> Typed:
        """The columns of a .parquet, whose keys and times are numbers or dates if all of them are such."""
        lasting = ~np.isnan(stored[:, :, 0])
        series, step = np.nonzero(lasting)
        values, index = stored[lasting], self.index
        places = series.tolist()
        times = [index.times[place][at] for place, at in zip(places, step.tolist(), strict=True)]
        columns: dict[str, Values] = {index.key: _typed([index.keys[place] for place in places])}
        if index.draw is not None:
            columns[index.draw] = np.asarray(index.draws)[series]
        columns[index.time] = _typed(times)
        columns |= {column.name: as_typed(column, values[:, at]) for at, column in enumerate(self.columns)}
        return Typed(series, columns)


def _typed(cells: Sequence[str]) -> Values:
    """Cells as values, each different one looked at once."""
    different = list(dict.fromkeys(cells))
    typed: Mapping[str, object] = dict(zip(different, as_values(different), strict=True))
    return [typed[cell] for cell in cells]


def continued(
    index: LineIndex, others: Sequence[str], origins: Sequence[Origin], steps: int, draws: int
) -> tuple[LineIndex, tuple[str, ...]]:
    """The index of series of at most `steps` steps, `draws` of each, that continue those of a file, and notes.

    Keys and given times are those of the file, and drawn times follow them. `index` has the columns' names and the keys
    and times of a file that has none; `others` are the names of the other columns.
    """
    known = [origin.key for origin in origins if origin.key is not None]
    distinct = len(set(known)) == len(origins)
    keys = known if distinct else [str(place) for place in range(len(origins))]
    notes = []
    if known and not distinct:
        notes.append(f"Several of the files have the same {index.key}, so series are numbered instead.")
    times, irregular = _continued_times(index.times[0], origins, steps)
    if irregular:
        which = f"{len(irregular):,} of {len(origins):,} series, such as {keys[irregular[0]]}"
        what = "the given steps" if len(origins) == 1 else f"the given steps of {which}"
        notes.append(f"{index.time} has no constant interval in {what}: the drawn steps are called +1, +2, ...")
    once = [place for place in range(len(origins)) for _ in range(draws)]
    named = LineIndex(index.key, index.time, [keys[place] for place in once], [times[place] for place in once])
    if draws == 1:
        return named, tuple(notes)
    numbers = [number for _ in origins for number in range(draws)]
    return named._replace(draw=_free(DRAW, {index.key, index.time, *others}), draws=numbers), tuple(notes)


def _continued_times(
    usual: Sequence[str], origins: Sequence[Origin], steps: int
) -> tuple[list[Sequence[str]], list[int]]:
    """The times of each series, and the places of those whose given times cannot be continued."""
    cached: dict[Origin, tuple[Sequence[str], bool]] = {}
    times, irregular = [], []
    for place, origin in enumerate(origins):
        alike = origin._replace(key=None)  # series of one file often have the same times
        if alike not in cached:
            cached[alike] = _times_after(usual, origin, steps)
        found, regular = cached[alike]
        times.append(found)
        if not regular:
            irregular.append(place)
    return times, irregular


def _times_after(usual: Sequence[str], origin: Origin, steps: int) -> tuple[Sequence[str], bool]:
    if not origin.times:
        return usual, True
    count = steps - len(origin.times)
    after = following(origin.times, count, origin.form)
    return [*origin.times, *(after or (f"+{place}" for place in range(1, count + 1)))], after is not None


def _free(name: str, names: set[str]) -> str:
    """The name, with _ after it where there are columns of that name."""
    while name in names:
        name += "_"
    return name
