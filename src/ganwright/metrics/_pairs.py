"""Preprocessing of pairs of pictures, shared by the metrics of super-resolution.

A pair is a fake and the real picture that it should equal, uint8 [height, width, 1 or 3]. Luma is that of the papers'
tables, and so is the default border, that of scale 4: for another scale it should have as many pixels as the scale.
Scores of luma and of RGB differ by up to 2 dB, so both are reported.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import BORDER, Array, Compared
from ganwright.metrics._checked import two_sets_of_pictures

LUMA = np.array([65.481, 128.553, 24.966]) / 255  # ITU-R BT.601 for R, G, B of 0 to 255


def luma(picture: Array) -> Array:
    """Y from 16 to 235, as Matlab's rgb2ycbcr without rounding: float64 [height, width, 1]; grey is R = G = B."""
    rgb = np.broadcast_to(picture, (*picture.shape[:2], 3))
    return np.asarray(16 + rgb @ LUMA)[..., None]


def cropped(fake: Array, real: Array, border: int = BORDER) -> tuple[Array, Array]:
    """A pair without its borders, float64 [height, width, channels]; raises UserError for other or unequal arrays."""
    if fake.dtype != np.uint8 or real.dtype != np.uint8 or fake.ndim != 3 or fake.shape[2:] not in {(1,), (3,)}:
        raise UserError(
            "A pair must be pictures uint8 [height, width, 1 or 3], "
            f"not {fake.dtype} {list(fake.shape)} and {real.dtype} {list(real.shape)}."
        )
    if fake.shape != real.shape:
        raise UserError(f"The pictures of a pair must have one shape, not {list(fake.shape)} and {list(real.shape)}.")
    if border < 0 or min(fake.shape[:2]) <= 2 * border:
        raise UserError(f"A picture of {fake.shape[1]} by {fake.shape[0]} is too small for a border of {border}.")
    inside = (slice(border, fake.shape[0] - border), slice(border, fake.shape[1] - border))
    return fake[inside].astype(np.float64), real[inside].astype(np.float64)


def mean_of_pairs(compared: Compared, score: Callable[[Array, Array, int], float]) -> float:
    """The mean of `score` over fake i and real i with the border; raises UserError if their numbers differ."""
    fake, real = two_sets_of_pictures(compared.fake.values, compared.real.values)
    if len(fake) != len(real):
        raise UserError(f"Pairs need as many fakes as real pictures, not {len(fake):,} and {len(real):,}.")
    return float(np.mean([score(one, other, compared.border) for one, other in zip(fake, real, strict=True)]))
