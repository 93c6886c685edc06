"""The peak signal-to-noise ratio of fakes and the real pictures they should equal, in luma and in RGB."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import BORDER, Array, Compared, Metric
from ganwright.metrics._pairs import cropped, luma, mean_of_pairs

PEAK = 255.0


def psnr_rgb(fake: Array, real: Array, border: int = BORDER) -> float:
    """Decibels of one pair uint8 [height, width, 1 or 3], infinite if both are equal; raises UserError as `cropped`."""
    return _psnr(*cropped(fake, real, border))


def psnr_y(fake: Array, real: Array, border: int = BORDER) -> float:
    """As `psnr_rgb`, in luma."""
    one, other = cropped(fake, real, border)
    return _psnr(luma(one), luma(other))


def _psnr(one: Array, other: Array) -> float:
    # 10 log10(peak^2 / mean squared error)
    error = float(np.square(one - other).mean())
    return 10 * float(np.log10(PEAK**2 / error)) if error else float("inf")


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"psnr y": mean_of_pairs(compared, psnr_y), "psnr rgb": mean_of_pairs(compared, psnr_rgb)}


METRIC = Metric(
    view="pictures",
    values={"psnr y": "higher", "psnr rgb": "higher"},
    measure=_measure,
    needs=frozenset({"pairs"}),
)
