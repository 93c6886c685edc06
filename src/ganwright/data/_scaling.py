"""Decides whether each series is scaled by its own range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.data._series_options import Scaling
from ganwright.domains._own_range import SMALLEST, OwnRange

NARROW = 0.1  # the range of a series, as a share of that of the data
SMALLEST_GIVEN = 0.05  # half a given range, at least, as a share of half the range of the data
MEASURED = 2**16  # series, at most


def own_ranges(
    columns: Sequence[Column], samples: NDArray[np.float32], given: int | None, scaling: Scaling
) -> tuple[tuple[OwnRange, ...], str]:
    """The own ranges of the features that are numbers, or none, and a note.

    samples: series [n, time, features], NaN after their end. Where their first `given` steps are known, ranges are
    measured on these alone, and are at least a twentieth of the data's, because a series that begins with equal values
    may change afterwards. `auto` chooses own ranges where those of series are narrow: where the median of half the
    range of a series is below a tenth of half the range of the data, for at least half of the numbers that vary. One
    step has no range: `auto` is global then.
    """
    numbers = [place for place, column in enumerate(columns) if not column.categories]
    if not numbers:
        return (), ""
    some = samples[:: -(-len(samples) // MEASURED), : given or samples.shape[1]]
    smallest = SMALLEST if given is None else SMALLEST_GIVEN
    ranges = tuple(OwnRange.of(columns[i].name, some[:, :, i], smallest * columns[i].scale) for i in numbers)
    shares = {columns[i].name: _share(some[:, :, i], columns[i]) for i in numbers}
    narrow = [name for name, share in shares.items() if share < NARROW]
    vary = [name for name, share in shares.items() if not np.isnan(share)]
    if scaling == "own" or (scaling == "auto" and some.shape[1] > 1 and narrow and 2 * len(narrow) >= len(vary)):
        of = f"its first {given} steps" if given else "its own range"
        why = f": the median range of a series is below a tenth of the data's for {', '.join(narrow)}" * bool(narrow)
        return ranges, f"Each series is scaled by {of}{why} (--scaling global: all by the range of the training part)."
    return (), "Numbers are scaled by the range of the training part (--scaling own: each series by its own range)."


def _share(series: NDArray[np.float32], column: Column) -> float:
    """The median of half the range of series [n, time], as a share of half that of the data; NaN for a constant."""
    highest, lowest = np.fmax.reduce(series, axis=1), np.fmin.reduce(series, axis=1)
    if highest.max() == lowest.min():
        return float("nan")
    return float(np.median(highest.astype(np.float64) - lowest) / 2 / column.scale)
