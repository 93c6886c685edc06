"""A column of a table: numerical or categorical."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-14  # relative difference of equal numbers that were computed in float64


@dataclass(frozen=True)
class Column:
    """A categorical column has `categories` and holds their codes 0, 1, ...; others hold numbers.

    `integer` columns hold whole numbers only. Numbers are encoded as (stored - shift) / scale. `mark` is how a missing
    number is written: it is NaN when stored, and encoded as 0 with a second value that is 1; without a mark no number
    is missing.
    """

    name: str
    categories: tuple[str, ...] = ()
    integer: bool = False
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
        whole = bool((present == np.round(present)).all())
        return cls(name, (), whole, float(present.mean()), deviation or 1.0, mark)

    @classmethod
    def spanning(cls, name: str, values: NDArray[np.float64]) -> Column:
        """Scaled so that the values fill [-1, 1], without a mark; a constant column keeps its unit."""
        low, high = float(values.min()), float(values.max())
        whole = bool((values == np.round(values)).all())
        half = 0.0 if _constant(values) else high / 2 - low / 2  # may underflow to 0
        return cls(name, (), whole, low / 2 + high / 2, half or 1.0)

    @property
    def width(self) -> int:
        """The number of encoded values per row."""
        return len(self.categories) or (1 if self.mark is None else 2)


def _constant(values: NDArray[np.float64]) -> bool:
    """Whether values differ by rounding errors at most, so that their spread is no unit."""
    low, high = float(values.min()), float(values.max())
    return high - low <= ROUNDING * max(abs(low), abs(high))
