"""Divides series into samples, windows or whole ones, and these into a training part and a test part."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganwright.core.choices import Split
from ganwright.core.draws import generator
from ganwright.core.errors import MissingPartError, UserError
from ganwright.data._series_options import SeriesOptions
from ganwright.domains._steps import Roles, Steps
from ganwright.domains._text import Text
from ganwright.domains._windows import begins_of, cut, padded

MAX_PADDED = 2**28  # time steps of series with those that they lack
NO_TEST = "there is no test part"
Places = NDArray[np.int64]


class Part(NamedTuple):
    """Where samples begin and end among all time steps."""

    begins: Places
    ends: Places

    def taken(self, values: NDArray[np.float32], longest: int, variable: bool) -> NDArray[np.float32]:
        """The samples [n, longest, columns] of the values [steps, columns]; a view for windows of one series."""
        if variable:
            return padded(values, self.begins, self.ends, longest)
        return cut(values, self.begins, longest)

    def covers(self, steps: int) -> NDArray[np.bool_]:
        """Which of all time steps belong to a sample."""
        changes = np.zeros(steps + 1, np.int64)
        np.add.at(changes, self.begins, 1)
        np.add.at(changes, self.ends, -1)
        return changes[:-1].cumsum() > 0


class Parts(NamedTuple):
    """Both parts, the most time steps of a sample, whether their numbers differ, and notes; `missing` says why there is
    no test part."""

    train: Part
    test: Part
    longest: int
    variable: bool
    notes: tuple[str, ...]
    missing: tuple[str, str]

    def chosen(self, split: Split) -> Part:
        """Raises MissingPartError if the part has no samples."""
        if split == "test" and not len(self.test.begins):
            raise MissingPartError(*self.missing)
        return self.test if split == "test" else self.train


def parts_of(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """Windows if a window is given, else whole series; raises UserError if there is nothing to train on."""
    parts = _whole(text, roles, steps, options) if options.window is None else _windows(text, roles, steps, options)
    if options.test_share != 0:
        return parts
    return parts._replace(missing=(f"{text.path} has no test part", "--test-share is 0"))


def _windows(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """All windows of consecutive steps; no window spans both parts."""
    return (_of_one if roles.key is None else _of_several)(text, roles, steps, options)


def _of_one(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """Windows of one series; the last share of its steps is the test part."""
    window, path, count = options.window, text.path, len(text)
    assert window is not None
    middle = int((1 - options.share) * count)
    lines = f"{text.counted}s"
    if middle < window:
        raise UserError(f"The train part of {path} has {middle:,} {lines}: too few for windows of {window}.")
    train, test = (_cut(np.array([begin]), np.array([end]), window) for begin, end in ((0, middle), (middle, count)))
    rest = f"the last {count - middle:,} the test part" if options.share else NO_TEST
    parts = f"the first {middle:,} {lines} are the training part, {rest}"
    size = text.counted if window == 1 else f"{window} {lines}"
    note = f"Windows of {'one ' * (window == 1)}{size}, stride 1: {_counts(train, test)}; {parts}."
    missing = f"{path} has a test part of {count - middle:,} {lines}", f"too few for windows of {window}"
    return Parts(train, test, window, False, (note,), missing)


def _of_several(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """Windows of several series; the test part is the last share of the steps of each, where both parts hold a window,
    or a share of the series if none is that long."""
    window, path = options.window, text.path
    assert window is not None
    begin, end, lengths = steps.bounds[:-1], steps.bounds[1:], steps.lengths
    fits = lengths >= window
    if not fits.any():
        raise UserError(f"Every series of {path} is shorter than a window of {window} time steps.")
    begin, end, lengths = begin[fits], end[fits], lengths[fits]
    middle = begin + ((1 - options.share) * lengths).astype(np.int64)
    divided = (middle - begin >= window) & (end - middle >= window)
    said = f"the last {options.share:.0%} of each series is the test part"
    if divided.any():
        middle = np.where(divided, middle, end)
        undivided = int((~divided).sum())
        notes = [f"{undivided:,} of {len(fits):,} series are too short for a test part."] * bool(undivided)
    else:
        is_test = _held_out(len(lengths), options.share)
        middle, notes = np.where(is_test, begin, end), []
        said = f"{is_test.sum():,} of {len(lengths):,} series are the test part, as they are too short to be divided"
    train, test = (_cut(*part, window) for part in ((begin, middle), (middle, end)))
    said = said if len(test.begins) else NO_TEST
    short = int((~fits).sum())
    notes += [f"{short:,} of {len(fits):,} series are shorter than a window and left out."] * bool(short)
    size = "one step" if window == 1 else f"{window} steps"
    note = f"Windows of {size}, stride 1: {_counts(train, test)}; {said}."
    missing = f"{path} has {len(lengths):,} series that hold a window, too few for a test part", "raise --test-share"
    return Parts(train, test, window, False, (_said(text, roles, steps.lengths), note, *notes), missing)


def _counts(train: Part, test: Part) -> str:
    return f"{len(train.begins):,} windows for training, {len(test.begins):,} for the test"


def _held_out(count: int, share: float) -> NDArray[np.bool_]:
    """Which series are the test part; depends only on their number."""
    is_test = np.zeros(count, dtype=bool)
    is_test[generator("test series", count).permutation(count)[: int(share * count)]] = True
    return is_test


def _cut(begin: Places, end: Places, window: int) -> Part:
    begins = begins_of(begin, end, window)
    return Part(begins, begins + window)


def _whole(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """Whole series; a share of them is the test part."""
    path, least = text.path, (options.given or 0) + 1
    assert roles.key is not None
    name = text.names[roles.key]
    if len(steps.lengths) == 1:
        raise UserError(
            f"{path} has one series only, {name} {text.columns[roles.key][0]}: whole series need several; say "
            "--window 24 for windows of it."
        )
    if steps.lengths.max() == 1:
        raise UserError(f"{path}: every {name} has one {text.counted} only: these are no series.")
    fits = steps.lengths >= least
    if not fits.any():
        raise UserError(f"{path}: no series has more than the {options.given} given time steps.")
    begin, end, lengths = steps.bounds[:-1][fits], steps.bounds[1:][fits], steps.lengths[fits]
    _refuse_uneven(path, lengths)
    is_test = _held_out(len(lengths), options.share)
    notes = [_said(text, roles, lengths)]
    short = int((~fits).sum())
    notes += [f"{short:,} series have no more than the {options.given} given steps and are left out."] * bool(short)
    count = int(is_test.sum())
    test = f"{count:,} of the {len(lengths):,} series are the test part" if count else NO_TEST.capitalize()
    notes.append(f"{test}.")
    missing = f"{path} has {len(lengths):,} series, too few for a test part", "raise --test-share"
    longest, variable = int(lengths.max()), bool(lengths.min() < lengths.max())
    train, held_out = (Part(begin[chosen], end[chosen]) for chosen in (~is_test, is_test))
    return Parts(train, held_out, longest, variable, tuple(notes), missing)


def _refuse_uneven(path: Path, lengths: Places) -> None:
    """Raises UserError where padding would take far more memory than the series do."""
    padded_steps = len(lengths) * int(lengths.max())
    if padded_steps > MAX_PADDED:
        raise UserError(
            f"{path}: {len(lengths):,} series of up to {lengths.max():,} time steps are too large, as all are padded "
            "to the longest: cut windows with --window."
        )


def _said(text: Text, roles: Roles, lengths: Places) -> str:
    """The number of series and of their time steps."""
    assert roles.key is not None
    low, high = lengths.min(), lengths.max()
    steps = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{len(lengths):,} series (column {text.names[roles.key]}) of {steps} time steps."
