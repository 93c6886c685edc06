"""The structural similarity of fakes and the real pictures they should equal, in luma and in RGB.

Wang, Bovik, Sheikh & Simoncelli, Image quality assessment: from error visibility to structural similarity, 2004.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import BORDER, Array, Compared, Metric
from ganwright.metrics._pairs import cropped, luma, mean_of_pairs

SIZE, SIGMA = 11, 1.5  # of the Gaussian window, pixels
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim_rgb(fake: Array, real: Array, border: int = BORDER) -> float:
    """At most 1, the mean over channels, of one pair uint8 [height, width, 1 or 3].

    Raises UserError as `cropped`, or if less than 11 by 11 pixels are within the border.
    """
    return _ssim(*cropped(fake, real, border))


def ssim_y(fake: Array, real: Array, border: int = BORDER) -> float:
    """As `ssim_rgb`, in luma."""
    one, other = cropped(fake, real, border)
    return _ssim(luma(one), luma(other))


def _ssim(x: Array, y: Array) -> float:
    """The mean over the positions where the whole window fits, of float64 [height, width, channels]."""
    if min(x.shape[:2]) < SIZE:
        raise UserError(f"Structural similarity needs {SIZE} by {SIZE} pixels within the border, not {x.shape[:2]}.")
    mean_x, mean_y = _window(x), _window(y)
    variance_x, variance_y = _window(x * x) - mean_x**2, _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    # (2 m n + C1)(2 s_xy + C2) / ((m^2 + n^2 + C1)(s_x^2 + s_y^2 + C2)) (equation 13)
    numerator = (2 * mean_x * mean_y + C1) * (2 * covariance + C2)
    return float((numerator / ((mean_x**2 + mean_y**2 + C1) * (variance_x + variance_y + C2))).mean())


def _window(x: Array) -> Array:
    """The Gaussian mean around each position where the window fits: first along columns, then along rows."""
    weights = np.exp(-np.square(np.arange(SIZE) - SIZE // 2) / (2 * SIGMA**2))
    weights /= weights.sum()
    height, width = (side - SIZE + 1 for side in x.shape[:2])
    down = sum(weight * x[i : i + height] for i, weight in enumerate(weights))
    return np.asarray(sum(weight * down[:, i : i + width] for i, weight in enumerate(weights)))


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"ssim y": mean_of_pairs(compared, ssim_y), "ssim rgb": mean_of_pairs(compared, ssim_rgb)}


METRIC = Metric(
    view="pictures",
    values={"ssim y": "higher", "ssim rgb": "higher"},
    measure=_measure,
    needs=frozenset({"pairs"}),
)
