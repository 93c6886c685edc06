"""The distance of the power spectra of two sets of pictures, which detects grid patterns and blur of upsampling.

Durall, Keuper & Keuper, Watch your up-convolution: CNN based generative deep neural networks are failing to reproduce
spectral distributions, 2020, arXiv:2003.01826. They compare pictures; here the mean power of each set is compared.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import pictures as checked
from ganwright.metrics._checked import two_sets_of_pictures

BLOCK = 256  # pictures transformed at a time
QUANTISATION = 1 / 12  # variance of rounding to integer grey levels; keeps the logarithm of zero power finite


def spectrum(fake: Array, real: Array) -> float:
    """The root mean square, over the rings of `spectrum_of`, of the difference of the two spectra, in decibels.

    Both are uint8 [n, height, width, channels], of one size of at least 2 by 2; otherwise raises UserError.
    """
    one, other = two_sets_of_pictures(fake, real)
    return float(np.sqrt(np.square(spectrum_of(one) - spectrum_of(other)).mean()))


def spectrum_of(pictures: Array) -> Array:
    """The mean power of a set at each frequency, float64 [rings], in decibels relative to one squared grey level.

    |DFT|^2 / (height width) is averaged over pictures, channels and rings: ring i = 1, 2, ... holds the frequencies
    (u / width, v / height), in cycles per pixel, whose length times the shorter side rounds to i, up to the corner of
    the plane. Ring 0, the mean, is left out.
    """
    height, width = checked("samples", pictures).shape[1:3]
    if min(height, width) < 2:
        raise UserError(f"A spectrum needs pictures of at least 2 by 2 pixels, not {height} by {width}.")
    rings = _rings(height, width)
    power = np.bincount(rings.ravel(), _power(pictures).ravel())[1:]
    sizes = np.bincount(rings.ravel())[1:]
    return np.asarray(10 * np.log10(power[sizes > 0] / sizes[sizes > 0] + QUANTISATION))


def _power(pictures: Array) -> Array:
    """The mean of |DFT|^2 / (height width) over pictures and channels, float64 [height, width]."""
    count, height, width, channels = pictures.shape
    total = np.zeros((height, width))
    for start in range(0, count, BLOCK):
        waves = np.fft.fft2(pictures[start : start + BLOCK].astype(np.float64), axes=(1, 2))
        total += (waves.real**2 + waves.imag**2).sum(axis=(0, 3))
    return np.asarray(total / (count * channels * height * width))


def _rings(height: int, width: int) -> Array:
    """int64 [height, width]: the ring of each frequency."""
    lengths = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    return np.asarray(np.rint(lengths * min(height, width)), dtype=np.int64)


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"spectrum": spectrum(compared.fake.values, compared.real.values)}


METRIC = Metric(view="pictures", values={"spectrum": "lower"}, measure=_measure)
