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
    return parts._replace(missing=(f"{text.path} has no test part", "test_share is 0"))


def _windows(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """All windows of consecutive steps; the last share of the steps of each series is its test part.

    A series of several that is too short for that is in the training part as a whole, or too short for a window.
    """
    window, path = options.window, text.path
    assert window is not None
    begin, end, lengths = steps.bounds[:-1], steps.bounds[1:], steps.lengths
    middle = begin + ((1 - options.share) * lengths).astype(np.int64)
    whole = (middle - begin < window) & (lengths >= window) & (roles.key is not None)
    middle = np.where(whole, end, middle)
    train, test = (_cut(*part, window) for part in ((begin, middle), (middle, end)))
    if not len(train.begins) and roles.key is None:
        raise UserError(f"The train part of {path} has {middle[0]:,} {text.counted}s: too few for windows of {window}.")
    if not len(train.begins):
        raise UserError(f"Every series of {path} is shorter than a window of {window} time steps.")
    counts = f"{len(train.begins):,} windows for training, {len(test.begins):,} for the test"
    if roles.key is None:
        parts = f"the first {middle[0]:,} {text.counted}s are the training part"
        rest = f"the last {end[0] - middle[0]:,} the test part" if options.share else NO_TEST
        notes = [f"Windows of {window} {text.counted}s, stride 1: {counts}; {parts}, {rest}."]
        fact = f"{path} has a test part of {end[0] - middle[0]:,} {text.counted}s"
    else:
        share = f"the test part is the last {options.share:.0%} of each series" if options.share else NO_TEST
        notes = [
            _said(text, roles, lengths),
            f"Windows of {window} steps, stride 1: {counts}; {share}.",
        ]
        fact = f"{path} has no series with a test part of {window} steps"
        short = int((lengths < window).sum())
        notes += [f"{short:,} of {len(lengths):,} series are shorter than a window and left out."] * bool(short)
        untested = int(whole.sum()) * bool(options.share)
        notes += [f"{untested:,} of {len(lengths):,} series are too short for a test part."] * bool(untested)
    return Parts(train, test, window, False, tuple(notes), (fact, f"too few for windows of {window}"))


def _cut(begin: Places, end: Places, window: int) -> Part:
    begins = begins_of(begin, end, window)
    return Part(begins, begins + window)


def _whole(text: Text, roles: Roles, steps: Steps, options: SeriesOptions) -> Parts:
    """Whole series; a share of them is the test part, which depends only on their number."""
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
    is_test = np.zeros(len(lengths), dtype=bool)
    is_test[generator("test series", len(lengths)).permutation(len(lengths))[: int(options.share * len(lengths))]] = (
        True
    )
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
