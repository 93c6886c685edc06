"""A column of a table: numerical or categorical."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-14  # relative difference of equal numbers that were computed in float64
STEPS = [step * 10.0**power for power in range(9, -7, -1) for step in (5.0, 2.5, 2.0, 1.0)]  # tried as resolutions
FINEST = 2**16  # values below 1 are multiples of a resolution up to this number of times, which float32 tells apart
FEW = 100  # values that are tried first


@dataclass(frozen=True)
class Column:
    """A categorical column has `categories` and holds their codes 0, 1, ...; others hold numbers.

    Numbers are multiples of the `resolution`, such as 10, 1 or .01, unless it is 0. They are encoded as (stored -
    shift) / scale. `mark` is how a missing number is written: it is NaN when stored, and encoded as 0 with a second
    value that is 1; without a mark no number is missing.
    """

    name: str
    categories: tuple[str, ...] = ()
    resolution: float = 0.0
    shift: float = 0.0
    scale: float = 1.0
    mark: str | None = None

    @classmethod
    def of_numbers(cls, name: str, values: NDArray[np.float64], mark: str | None = None) -> Column:
        """Standardised to mean 0 and standard deviation 1; a constant column keeps its unit.

        Missing values, NaN, are left out; they need a `mark`.
        """
        present = values[~np.isnan(values)] if mark is not None else values
        with np.errstate(over="ignore"):
            deviation = 0.0 if _constant(present) else float(present.std())  # may underflow to 0
        return cls(name, (), resolution_of(present), float(present.mean()), deviation or 1.0, mark)

    @classmethod
    def spanning(cls, name: str, values: NDArray[np.float64]) -> Column:
        """Scaled so that the values fill [-1, 1], without a mark; a constant column keeps its unit."""
        low, high = float(values.min()), float(values.max())
        half = 0.0 if _constant(values) else high / 2 - low / 2  # may underflow to 0
        return cls(name, (), resolution_of(values), low / 2 + high / 2, half or 1.0)

    @property
    def integer(self) -> bool:
        """Whether all numbers are whole."""
        return self.resolution > 0 and self.resolution % 1 == 0

    @property
    def width(self) -> int:
        """The number of encoded values per row."""
        return len(self.categories) or (1 if self.mark is None else 2)

    def on_grid(self, values: NDArray[np.float64]) -> bool:
        """Whether numbers are multiples of the resolution, up to float32 rounding."""
        return self.resolution == 0 or _multiples(values, self.resolution, float(np.abs(values).max(initial=0.0)))


def resolution_of(values: NDArray[np.float64]) -> float:
    """The largest of STEPS that all values are multiples of, up to float32 rounding; 0 if there is none.

    It is 1 at most if all values are equal.
    """
    if not len(values):
        return 0.0
    largest = float(np.abs(values).max())
    steps = STEPS if values.min() < values.max() else [1.0]
    fits = (step for step in steps if _multiples(values[:FEW], step, largest) and _multiples(values, step, largest))
    return next(fits, 0.0)


def _multiples(values: NDArray[np.float64], step: float, largest: float) -> bool:
    if step % 1 == 0:
        return bool((values % step == 0).all())
    if largest > FINEST * step:
        return False
    times = values / step
    return bool((np.abs(times - np.round(times)) <= np.spacing(np.float32(largest / step))).all())


def _constant(values: NDArray[np.float64]) -> bool:
    """Whether values differ by rounding errors at most, so that their spread is no unit."""
    low, high = float(values.min()), float(values.max())
    return high - low <= ROUNDING * max(abs(low), abs(high))
