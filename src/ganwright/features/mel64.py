"""128 features of sound: means and deviations over time of 64 bands of a log-mel spectrogram; no network.

A Fréchet distance in these features is `fd_mel64`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array

BANDS = 64
MIDDLE, UNIT = -40.0, 20.0  # decibels: silence, -80, is -2 in these units, as kernels of features need


class MelStatistics:
    """Features (core/features.py) of log-mel spectrograms in decibels."""

    name = "mel64"
    size = 2 * BANDS
    protocol: dict[str, Any] = {  # noqa: RUF012 - never changed
        "features": "means and standard deviations over time of 64 log-mel bands, in units of 20 decibels",
        "frames": "Hann windows of about 32 ms, half overlapping; powers + 1e-8 of full scale",
    }

    def __call__(self, pictures: Array) -> Array:
        """Spectrograms float [n, 64, frames] to float32 [n, 128]; raises UserError for other arrays."""
        spectrograms = np.asarray(pictures)
        if spectrograms.ndim != 3 or spectrograms.shape[1] != BANDS or spectrograms.dtype.kind != "f":
            found = f"{spectrograms.dtype} {list(spectrograms.shape)}"
            raise UserError(
                f"The features mel64 are those of sound, spectrograms [n, {BANDS}, frames], not of {found}."
            )
        scaled = (spectrograms.astype(np.float64) - MIDDLE) / UNIT
        return np.concatenate([scaled.mean(axis=2), scaled.std(axis=2)], axis=1).astype(np.float32)


def load() -> MelStatistics:
    """The features; nothing is loaded."""
    return MelStatistics()
