"""What the power spectra of generated pictures have more and less of than real ones: patterns, noise, and detail."""

from __future__ import annotations

from collections.abc import Mapping

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.domains._spectra import LEAST, PLANES, power_spectra
from ganwright.health.textures import Textures, textures
from ganwright.metrics._checked import two_sets_of_pictures


def artefacts(fake: Array, real: Array) -> Textures:
    """Compares the mean power spectra of two sets of pictures, uint8 [n, height, width, 1 or 3] of one size.

    The spectra are those of brightness, R - B and R - G (domains/_spectra.py), compared by health/textures.py.

    Raises UserError for other pictures, and for less than 8 by 8 pixels.
    """
    one, other = two_sets_of_pictures(fake, real)
    height, width, channels = one.shape[1:]
    if channels not in PLANES:
        raise UserError(f"Artefacts are those of grey or RGB pictures, not of {channels} channels.")
    if min(height, width) < LEAST:
        raise UserError(f"Artefacts need pictures of at least {LEAST} by {LEAST} pixels, not {height} by {width}.")
    return textures(power_spectra(one), power_spectra(other))


def _measure(compared: Compared) -> Mapping[str, float]:
    return artefacts(compared.fake.values, compared.real.values)._asdict()


def _too_small(real: Samples) -> str:
    """For `Metric.unfit`."""
    return "" if min(real.values.shape[1:3]) >= LEAST else f"pictures are smaller than {LEAST} by {LEAST}"


METRIC = Metric(
    "pictures", {"artefacts": "lower", "missing_detail": "lower", "noise": "lower"}, _measure, unfit=_too_small
)
"""Fakes' largest excess and lack of power at the frequencies of real pictures, in decibels."""
