"""Textures: what the power spectra of generated samples have more and less of than those of real ones.

Upsampling leaves patterns of a few frequencies, such as checkers (Odena et al., Deconvolution and checkerboard
artifacts, 2016), which neither principal axes nor features of shrunk pictures see. The mean spectrum of natural
pictures is smooth, so that the frequencies with the largest excess over real pictures show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SHARE = 0.01  # of the frequencies, those of the largest or the smallest ratio


class Textures(NamedTuple):
    """Decibels over real samples: the most that fakes have more, and lack, of any spectrum; and more at most of it."""

    artefacts: float = 0.0
    missing_detail: float = 0.0
    noise: float = 0.0


def textures(fake: Mapping[str, Array], real: Mapping[str, Array]) -> Textures:
    """Compares mean power spectra, by name; zeros if there are none.

    Of the ratios fake / real, in decibels, the highest hundredth are averaged, and the lowest; `noise` is their median.
    The largest of all spectra counts; `missing_detail` is positive where power is lacking. A periodic pattern changes
    few frequencies, and noise most of them.
    """
    found = [extremes(fake[name], power) for name, power in real.items()]
    return Textures(*map(max, zip(*found, strict=True))) if found else Textures()


def extremes(fake: Array, real: Array) -> tuple[float, float, float]:
    """The means of the highest and, with its sign changed, lowest hundredth of 10 log10(fake / real); the median."""
    ratios = np.sort(10 * np.log10(fake / real), axis=None)
    count = max(round(SHARE * ratios.size), 1)
    return float(ratios[-count:].mean()), float(-ratios[:count].mean()), float(np.median(ratios))
