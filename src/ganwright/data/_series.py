"""Loads time series from text, one time step per line: windows of one or of several series, or whole ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ganwright.core.choices import Split
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Stored
from ganwright.core.errors import UserError
from ganwright.data._scaling import own_ranges
from ganwright.data._series_columns import described
from ganwright.data._series_options import SeriesOptions, roles_of
from ganwright.data._series_parts import parts_of
from ganwright.domains._steps import Roles, Steps, steps_of
from ganwright.domains._text import Text
from ganwright.domains._values import as_float32
from ganwright.domains.series import Series
from ganwright.domains.table import Table

COARSE = 1e-3  # of the standard deviation, from which rounding is said


def load(text: Text, options: SeriesOptions, categories: Sequence[str] = (), split: Split = "train") -> Data:
    """Series float32 [N, steps, features + static features], see `Series`.

    With a window all windows of consecutive steps (stride 1) of each series; the last share of its steps is the test
    part, and no window spans both. Otherwise whole series, and a fixed share of them is the test part. Everything is
    scaled by the training part. Series whose times descend are reversed.

    Raises UserError, which names the line and column of a cell that does not fit, see `steps_of` and `described`, or if
    a part has no series.
    """
    path = text.path
    if not len(text):
        raise UserError(f"{path} has no lines below its header.")
    roles = roles_of(text, options, categories)
    steps = steps_of(text, roles)
    columns = described(text, roles, steps, options, categories)
    parts = parts_of(text, roles, steps, options)
    part = parts.chosen(split)
    ordered = {index: values[steps.rows] for index, values in columns.values.items()}
    used = [*columns.features, *columns.static]
    exact = np.stack([ordered[index] for index in used], axis=1)
    values = as_float32(exact, str(path))
    covered = parts.train.covers(len(values))

    def feature(index: int) -> Column:
        known = columns.categories.get(index)
        name = text.names[index]
        return Column(name, known) if known else Column.spanning(name, ordered[index][covered])

    def static(index: int) -> Column:
        known = columns.categories.get(index)
        name = text.names[index]
        return Column(name, known) if known else Column.spanning(name, ordered[index][parts.train.begins])

    copies = _copies(values[:, : len(columns.features)], [index in columns.categories for index in columns.features])
    domain = Series(
        parts.longest,
        tuple(map(feature, columns.features)),
        tuple(map(static, columns.static)),
        parts.variable,
        given=options.given or 0,
        key=_free("series", text.names) if roles.key is None else text.names[roles.key],
        time=_free("step", text.names) if roles.time is None else text.names[roles.time],
        times=() if options.given else _times(text, roles, steps, parts.longest),
        copies=tuple(copies.items()),
    )
    samples = parts.train.taken(values, parts.longest, parts.variable)
    ranges, scaled = own_ranges(domain.features, samples, options.given, options.scaling)
    domain = replace(domain, own_ranges=ranges)
    if split == "test":
        samples = part.taken(values, parts.longest, parts.variable)
    conditions = [ordered[index][part.begins] for index in columns.conditions]
    condition_domain, known = _conditions(domain, tuple(map(static, columns.conditions)), conditions, samples)
    rounded = _rounded([text.names[index] for index in used], exact, values)
    equal = [f"{domain.features[copy].name} is equal to {domain.features[of].name}" for copy, of in copies.items()]
    said = [f"Generated as copies: {', '.join(equal)} at every step."] if equal else []
    notes = (*columns.notes, *said, *rounded, *steps.notes, *text.notes, *([scaled] if scaled else []), *parts.notes)
    return Data(path.stem, domain, samples, notes=notes, conditions=known, condition_domain=condition_domain)


def _copies(values: NDArray[np.float32], categorical: Sequence[bool]) -> dict[int, int]:
    """The columns of numbers [steps, columns] that are equal to an earlier one, by their places, and that one."""
    firsts: dict[bytes, int] = {}
    numbers = [place for place, is_one in enumerate(categorical) if not is_one]
    found = {place: firsts.setdefault(values[:, place].tobytes(), place) for place in numbers}
    return {place: first for place, first in found.items() if first != place}


def _rounded(names: Sequence[str], exact: NDArray[np.float64], stored: NDArray[np.float32]) -> list[str]:
    """A note on the columns [n, columns] whose rounding to float32 is large beside their standard deviation."""
    error = np.sqrt(np.square(exact - stored).mean(0))
    found = [name for name, coarse in zip(names, error > COARSE * exact.std(0), strict=True) if coarse]
    if not found:
        return []
    return [
        f"Rounded to float32 by over {COARSE:.1%} of the standard deviation: {', '.join(found)}; subtract a constant, "
        "or choose another unit, before training."
    ]


def _free(name: str, names: Sequence[str]) -> str:
    """A name that no column has."""
    while name in names:
        name += "_"
    return name


def _times(text: Text, roles: Roles, steps: Steps, longest: int) -> tuple[str, ...]:
    """The first times of the longest series."""
    if roles.time is None:
        return ()
    begin = int(steps.bounds[np.argmax(steps.lengths)])
    return tuple(text.columns[roles.time][row] for row in steps.rows[begin : begin + longest])


def _conditions(
    domain: Series, columns: tuple[Column, ...], rows: Sequence[Stored], samples: Stored
) -> tuple[Domain | None, Stored | None]:
    """The domain and the stored conditions of samples: their first steps, or rows of static features, if any."""
    if domain.given:
        known = replace(domain, steps=domain.given, variable=False, times=(), latest=True)
        return known, samples[:, : domain.given]
    if columns:
        free = tuple(replace(column, resolution=float(column.integer)) for column in columns)  # 7 between 5 and 10
        return Table(free, all_known=True), np.stack(rows, axis=1)
    return None, None
