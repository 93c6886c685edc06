"""Mean power spectra of pictures, in which periodic patterns and missing detail are seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

LEAST = 8  # pixels along each side, below which a spectrum says nothing
BLOCK = 256  # pictures transformed at a time
QUANTISATION = 1 / 12  # variance of rounding to integer grey levels
PLANES: dict[int, dict[str, Callable[[Array], Array]]] = {
    1: {"brightness": lambda pixels: pixels[..., 0]},
    3: {
        "brightness": lambda pixels: pixels.mean(-1),
        "red - blue": lambda pixels: pixels[..., 0] - pixels[..., 2],
        "red - green": lambda pixels: pixels[..., 0] - pixels[..., 1],
    },
}  # of grey and RGB pictures


def power_spectra(pictures: Pixels, floor: float = QUANTISATION) -> Mapping[str, Array]:
    """For each plane of pictures [n, height, width, 1 or 3] its `mean_power`."""
    return {name: mean_power(pictures, plane, floor) for name, plane in PLANES[pictures.shape[3]].items()}


def mean_power(pictures: Pixels, plane: Callable[[Array], Array], floor: float) -> Array:
    """The mean power of a plane at each frequency, float64 [height, width // 2 + 1].

    Each picture's mean is removed and a Hann window applied. The power of white noise of the variance `floor` is added,
    by default that of rounding, so that ratios of powers are finite and say nothing about what 8 bits do not hold.
    """
    count, height, width, _ = pictures.shape
    window = np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[1:-1]
    total = np.zeros((height, width // 2 + 1))
    for start in range(0, count, BLOCK):
        values = plane(pictures[start : start + BLOCK].astype(np.float64))
        waves = np.fft.rfft2((values - values.mean(axis=(1, 2), keepdims=True)) * window)
        total += (waves.real**2 + waves.imag**2).sum(axis=0)
    return np.asarray(total / count + floor * np.square(window).sum())
