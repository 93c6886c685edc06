"""Pictures of another data set with their outlines as conditions: pairs to try a translation on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _find
from ganwright.data._choices import Split
from ganwright.domains.images import Images

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


def load(of: str = "digits", split: Split = "train", size: int | None = None) -> Data:
    """Pictures as uint8 [N, H, W, 1 or 3]; their outlines, uint8 [N, H, W, 1], as conditions.

    of: a data set, or a path to pictures.
    split: train, or test where there is such a part.
    size: pixels along each side, of pictures in a folder.

    A UserError for what has no pictures, and whatever their own loader refuses.
    """
    options = {"split": split} if size is None else {"split": split, "size": size}
    data = _find.load(of, None, **options)
    if not isinstance(data.domain, Images):
        raise UserError(f"Outlines are of pictures, and {data.name} has {data.domain.describe()}.")
    grey = replace(data.domain, channels=1)
    return replace(data, name=f"{data.name}-outlines", conditions=outlines(data.samples), condition_domain=grey)


def outlines(pictures: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, channels] to [N, H, W, 1]: the greatest minus the least brightness of the 3x3 pixels around each
    (Beucher's gradient)."""
    bright = pictures if pictures.shape[3] == 1 else np.rint(pictures @ np.array(LUMA, np.float32))[..., None]
    bright = bright.astype(np.uint8)
    found: np.ndarray = _extreme(np.maximum, bright) - _extreme(np.minimum, bright)
    return found


def _extreme(of: np.ufunc, pictures: np.ndarray) -> np.ndarray:
    """The extreme of each pixel's neighbourhood, along one axis after the other; edges are repeated."""
    for axis in (1, 2):
        size = pictures.shape[axis]
        before, after = (
            [max(place - 1, 0) for place in range(size)],
            [min(place + 1, size - 1) for place in range(size)],
        )
        pictures = of(of(pictures, pictures.take(before, axis)), pictures.take(after, axis))
    return pictures
