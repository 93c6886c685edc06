"""The range of each series as attributes of it, by which its numbers are scaled (DoppelGANger, Lin et al. 2020)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ganwright.core.column import Column

CLOSE = 1e-6  # difference of logarithms that rounding explains
SMALLEST = 1e-4  # half a range, at least, as a share of half the range of the data


@dataclass(frozen=True)
class OwnRange:
    """Of one numerical feature: the middle (max + min) / 2 of each series and the logarithm of (max - min) / 2.

    Both are attributes, columns of numbers; the second is at least log `smallest`. DoppelGANger, section 4.1.3, has
    half the range itself; its logarithm suits ranges of several orders of magnitude, and decodes to a positive number.
    """

    middle: Column
    log_half: Column
    smallest: float

    @classmethod
    def of(cls, name: str, series: np.ndarray, smallest: float) -> OwnRange:
        """Scaled by the extremes among series [n, time], NaN after their end."""
        middles, halves = measured(torch.from_numpy(np.asarray(series, dtype=np.float64)), smallest)
        names = f"middle of {name}", f"log half range of {name}"
        columns = [Column.spanning(*one) for one in zip(names, (middles.numpy(), halves.numpy()), strict=True)]
        middle, log_half = (replace(column, resolution=0.0) for column in columns)  # never rounded
        return cls(middle, log_half, smallest)

    @property
    def never_smallest(self) -> bool:
        """Whether the range of every series of the data is above the smallest."""
        return self.log_half.shift - self.log_half.scale > math.log(self.smallest) + CLOSE

    def values(self, series: Tensor) -> tuple[Tensor, Tensor]:
        """Middles and logarithms of half ranges, [n] each, of series [n, time], NaN after their end."""
        return measured(series, self.smallest)


def measured(series: Tensor, smallest: float) -> tuple[Tensor, Tensor]:
    """(max + min) / 2 and log max((max - min) / 2, smallest) of series [n, time]; NaN is left out."""
    high = series.nan_to_num(-torch.inf).amax(1)
    low = series.nan_to_num(torch.inf).amin(1)
    return (high + low) / 2, ((high - low) / 2).clamp_min(smallest).log()
