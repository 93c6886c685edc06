"""What the power spectra of generated pictures have more and less of than real ones: periodic patterns, and detail.

Upsampling leaves patterns of a few frequencies, such as checkers (Odena et al., Deconvolution and checkerboard
artifacts, 2016), which features of shrunk pictures do not see. The mean spectrum of natural pictures is smooth, so that
the frequencies with the largest excess over real pictures show them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.metrics._checked import two_sets_of_pictures

BLOCK = 256  # pictures transformed at a time
LEAST = 8  # pixels along each side
SHARE = 0.01  # of the frequencies, those of the largest or the smallest ratio
QUANTISATION = 1 / 12  # variance of rounding to integer grey levels
PLANES: dict[int, tuple[Callable[[Array], Array], ...]] = {
    1: (lambda pixels: pixels[..., 0],),
    3: (
        lambda pixels: pixels.mean(-1),
        lambda pixels: pixels[..., 0] - pixels[..., 2],
        lambda pixels: pixels[..., 0] - pixels[..., 1],
    ),
}  # of grey and RGB pictures: brightness, and two differences of colours


class Spectra(NamedTuple):
    """Decibels over real pictures: the most that fakes have more, and the most that they lack, of any plane."""

    artefacts: float
    missing_detail: float


def artefacts(fake: Array, real: Array) -> Spectra:
    """Compares the mean power spectra of two sets of pictures, uint8 [n, height, width, 1 or 3] of one size.

    Of each picture's planes (brightness, R - B, R - G) the mean is removed and a Hann window applied. Of the ratios of
    the mean powers, to which the power of rounding is added, in decibels, the highest hundredth are averaged, and the
    lowest. The largest value of the planes counts; `missing_detail` is positive where power is lacking.

    Raises UserError for other pictures, and for less than 8 by 8 pixels.
    """
    one, other = two_sets_of_pictures(fake, real)
    height, width, channels = one.shape[1:]
    if channels not in PLANES:
        raise UserError(f"Artefacts are those of grey or RGB pictures, not of {channels} channels.")
    if min(height, width) < LEAST:
        raise UserError(f"Artefacts need pictures of at least {LEAST} by {LEAST} pixels, not {height} by {width}.")
    found = [extremes(mean_power(one, plane), mean_power(other, plane)) for plane in PLANES[channels]]
    return Spectra(max(most for most, _ in found), max(least for _, least in found))


def mean_power(pictures: Array, plane: Callable[[Array], Array]) -> Array:
    """The mean windowed power of a plane at each frequency, with that of rounding, float64 [height, width // 2 + 1]."""
    count, height, width, _ = pictures.shape
    window = np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[1:-1]
    total = np.zeros((height, width // 2 + 1))
    for start in range(0, count, BLOCK):
        values = plane(pictures[start : start + BLOCK].astype(np.float64))
        waves = np.fft.rfft2((values - values.mean(axis=(1, 2), keepdims=True)) * window)
        total += (waves.real**2 + waves.imag**2).sum(axis=0)
    return np.asarray(total / count + QUANTISATION * np.square(window).sum())


def extremes(fake: Array, real: Array) -> tuple[float, float]:
    """The mean of the highest hundredth of 10 log10(fake / real), and that of the lowest, with its sign changed."""
    ratios = np.sort(10 * np.log10(fake / real), axis=None)
    count = max(round(SHARE * ratios.size), 1)
    return float(ratios[-count:].mean()), float(-ratios[:count].mean())


def _measure(compared: Compared) -> Mapping[str, float]:
    return artefacts(compared.fake.values, compared.real.values)._asdict()


def _too_small(real: Samples) -> str:
    """For `Metric.unfit`."""
    return "" if min(real.values.shape[1:3]) >= LEAST else f"pictures are smaller than {LEAST} by {LEAST}"


METRIC = Metric("pictures", {"artefacts": "lower", "missing_detail": "lower"}, _measure, unfit=_too_small)
