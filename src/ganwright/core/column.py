"""A column of a table: numerical or categorical."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Column:
    """A categorical column has `categories` and holds their codes 0, 1, ...; others hold numbers.

    `integer` columns hold whole numbers only. Numbers are encoded as (stored - shift) / scale.
    """

    name: str
    categories: tuple[str, ...] = ()
    integer: bool = False
    shift: float = 0.0
    scale: float = 1.0

    @classmethod
    def of_numbers(cls, name: str, values: NDArray[np.float64]) -> Column:
        """Standardised to mean 0 and standard deviation 1; a constant column keeps its unit."""
        deviation = float(values.std())
        whole = bool((values == np.round(values)).all())
        return cls(name, (), whole, float(values.mean()), deviation if deviation > 0 else 1.0)

    @property
    def width(self) -> int:
        """The number of encoded values per row."""
        return len(self.categories) or 1
