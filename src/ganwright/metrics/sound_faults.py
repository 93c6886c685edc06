"""What is heard first in generated clips: a noise floor or hum, clicks, silence, and one clip again and again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.metrics._outliers import QUANTILE, equal_numbers, repeated

QUIET = 0.1  # of a clip's frames in a band, which show its floor
BANDS = 0.05  # of all bands, those with the largest excess
APART = 2  # frames, of half a window each, that have no sample in common
MARGIN = 1.0  # decibels below the quietest real clips


def sound_faults(compared: Compared) -> Mapping[str, float]:
    """Values of spectrograms [n, bands, frames] in decibels.

    floor: how many decibels the floors of fakes lie above those of real clips, the mean over the twentieth of bands
    with the largest excess; the floor of a clip in a band is the level that a tenth of its frames have at most. clicks,
    silent, repeated: shares of clips, 0.01 or less if the distributions are equal. A click is a frame whose bands are
    louder than before and after it, see `clicks`, by more than in 99 % of real clips. A silent clip is quieter
    than 99 % of real ones are, by a decibel at least; for repeated see `outliers`, whose numbers of clips are compared.
    Raises TooFewError below 100 clips of either.
    """
    fake, real = equal_numbers(_finite("generated", compared.fake), _finite("real", compared.real))
    usual = np.quantile(clicks(real), 1 - QUANTILE)
    quietest = np.quantile(loudness(real), QUANTILE) - MARGIN
    return {
        "floor": excess(fake, real),
        "clicks": float((clicks(fake) > usual).mean()),
        "silent": float((loudness(fake) < quietest).mean()),
        "repeated": repeated(fake.reshape(len(fake), -1), real.reshape(len(real), -1)),
    }


def excess(fake: Array, real: Array) -> float:
    """Decibels by which the floors of fakes lie above those of real clips in the bands with the largest excess."""
    floors = [np.quantile(levels, QUIET, axis=2).mean(axis=0) for levels in (fake, real)]
    gaps = np.sort(floors[0] - floors[1])
    return float(gaps[-max(round(BANDS * len(gaps)), 1) :].mean())


def clicks(levels: Array) -> Array:
    """The most by which the median band of a frame is above the louder one of the frames APART before and after, [n].

    0 for clips of fewer frames than that takes.
    """
    if levels.shape[2] <= 2 * APART:
        return np.zeros(len(levels))
    beside = np.maximum(levels[:, :, : -2 * APART], levels[:, :, 2 * APART :])
    return np.asarray(np.median(levels[:, :, APART:-APART] - beside, axis=1).max(axis=1))


def loudness(levels: Array) -> Array:
    """The level of the loudest frame of each clip in decibels, all bands together, [n]."""
    return np.asarray(10 * np.log10(np.power(10.0, levels / 10).sum(axis=1)).max(axis=1))


def _finite(name: str, samples: Samples) -> Array:
    levels = np.asarray(samples.values, dtype=np.float64)
    if not np.isfinite(levels).all():
        raise UserError(f"Spectrograms of {name} clips hold NaN or infinity.")
    return levels


METRIC = Metric(
    "spectrograms",
    {"floor": "lower", "clicks": "lower", "silent": "lower", "repeated": "lower"},
    sound_faults,
)
