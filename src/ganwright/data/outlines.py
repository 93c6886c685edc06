"""Pictures of another data set with their outlines as conditions, for translation recipes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ganwright.core.choices import Split
from ganwright.core.data import Data
from ganwright.data import _find
from ganwright.domains.images import Images

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


def load(of: str = "digits", split: Split = "train", size: int | None = None) -> Data:
    """Pictures as uint8 [N, H, W, 1 or 3]; their outlines, uint8 [N, H, W, 1], are the conditions.

    of: data set, or path to pictures
    split: train, or test if there is a test part
    size: pixels along each side, for pictures in a folder

    Raises UserError if the samples are not pictures, and the errors of their loader.
    """
    options = {"split": split} if size is None else {"split": split, "size": size}
    data = _find.load(of, None, **options)
    grey = replace(data.require(Images, "The data set outlines", "choose other data"), channels=1)
    return replace(data, name=f"{data.name}-outlines", conditions=outlines(data.samples), condition_domain=grey)


def outlines(pictures: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, channels] to [N, H, W, 1]: maximum minus minimum brightness of each 3x3 neighbourhood.

    This is Beucher's gradient.
    """
    bright = pictures if pictures.shape[3] == 1 else np.rint(pictures @ np.array(LUMA, np.float32))[..., None]
    bright = bright.astype(np.uint8)
    gradient: np.ndarray = _extreme(np.maximum, bright) - _extreme(np.minimum, bright)
    return gradient


def _extreme(extreme: np.ufunc, pictures: np.ndarray) -> np.ndarray:
    """The maximum or minimum of each pixel's 3x3 neighbourhood, one axis after the other; edges are repeated."""
    for axis in (1, 2):
        size = pictures.shape[axis]
        before, after = (
            [max(index - 1, 0) for index in range(size)],
            [min(index + 1, size - 1) for index in range(size)],
        )
        pictures = extreme(extreme(pictures, pictures.take(before, axis)), pictures.take(after, axis))
    return pictures
