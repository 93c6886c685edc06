"""Loads windows of time series from delimited text, one time step per line."""

from __future__ import annotations

import numpy as np

from ganwright.core.choices import Split
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError
from ganwright.domains._text import Text
from ganwright.domains._text_series import read_series, windows
from ganwright.domains.series import Series

TRAIN_SHARE = 0.8  # of the time steps, from the start


def load(text: Text, window: int, split: Split = "train") -> Data:
    """All windows of consecutive lines (stride 1) as float32 [N, window, features].

    The first 80 % of the lines are the training part, the last 20 % the test part; no window spans both. Both are
    scaled by the training part's range. Columns of dates or times are left out; if they descend, the order is reversed.
    Raises UserError, which names the line and column of a cell that is not a finite number or the line where time goes
    back, or if a part is shorter than a window.
    """
    path, (names, series, notes) = text.path, read_series(text)
    cut = int(TRAIN_SHARE * len(series))
    train, test = series[:cut], series[cut:]
    parts = f"the first {len(train):,} lines are the training part, the last {len(test):,} the test part"
    note = f"Windows of {window} lines, stride 1; {parts}."
    samples = windows(train, window, f"The train part of {path}")
    if split == "test" and len(test) < window:
        raise MissingPartError(f"{path} has a test part of {len(test):,} lines", f"too few for windows of {window}")
    if split == "test":
        samples = windows(test, window, f"The test part of {path}")
    columns = tuple(Column.spanning(name, train[:, place].astype(np.float64)) for place, name in enumerate(names))
    return Data(path.stem, Series(window, columns), samples, notes=(*notes, *text.notes, note))
