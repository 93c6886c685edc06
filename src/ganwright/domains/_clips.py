"""Makes clips of one length and sampling rate from the content of a WAV file, and names what that changes."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from ganwright.core.domain import Stored
from ganwright.domains._resampling import reach, resampled
from ganwright.domains._wav import Format, format_of, mixed

FULL = 32_768  # the value of full scale
Cut = Literal["first", "all"]


class Clips(NamedTuple):
    """int16 [n, samples], and what was changed, as phrases for `core/changes.py`."""

    values: Stored
    changes: tuple[str, ...]


def length_at(form: Format, rate: int) -> int:
    """The number of samples of a file at another sampling rate."""
    return -(-form.frames * rate // form.rate)


def clips(content: bytes, samples: int, rate: int, cut: Cut = "first") -> Clips:
    """A file as one clip of its first `samples` at `rate` Hz, or cut into clips one after the other.

    A file that is too short is padded with silence at its end. The last of several clips ends with the file, so that it
    overlaps the one before it. Raises WavError.
    """
    form = format_of(content)
    length = length_at(form, rate)
    frames = None
    if cut == "first" and length > samples:
        frames = samples * form.rate // rate + reach(form.rate, rate) + 2
    sound, changes = quantised(resampled(mixed(content, form, frames), form.rate, rate))
    changes = (*of_format(form, rate), *changes)
    if length < samples:
        padded = f"padded with silence to {samples:,} samples (from {length:,})"
        return Clips(np.pad(sound, (0, samples - length))[None], (*changes, padded))
    if length == samples:
        return Clips(sound[None, :samples], changes)
    if cut == "first":
        return Clips(sound[None, :samples], (*changes, f"cut to the first {samples:,} samples (from {length:,})"))
    windows = windowed(sound, samples)
    return Clips(windows, (*changes, f"cut into clips of {samples:,} samples (from {length:,} samples)"))


def windowed(sound: Stored, samples: int) -> Stored:
    """Sound [n] as consecutive clips [m, samples], n >= samples; the last one ends with the sound."""
    starts = np.arange(0, len(sound) - samples + 1, samples)
    if len(sound) % samples:
        starts = np.append(starts, len(sound) - samples)
    return np.lib.stride_tricks.sliding_window_view(sound, samples)[starts]


def of_format(form: Format, rate: int) -> tuple[str, ...]:
    """What converting a file to mono, to 16 bits and to another sampling rate changes."""
    found = []
    if form.open_ended:
        found.append("read to its end, as its header gives no size")
    if form.channels > 1:
        found.append(f"mixed down to mono (from {form.channels} channels)")
    if form.rate != rate:
        found.append(f"resampled to {rate:,} Hz (from {form.rate:,} Hz)")
    if form.deep:
        found.append(f"rounded to 16 bits (from {form.kind})")
    return tuple(found)


def quantised(sound: Stored) -> tuple[Stored, tuple[str, ...]]:
    """Floats [...] in [-1, 1] as int16, and how many were clipped, as phrases."""
    beyond = int((np.abs(sound) > 1).sum())
    values = np.rint(sound * np.float64(FULL)).clip(-FULL, FULL - 1).astype(np.int16)
    return values, (f"clipped to full scale (at {beyond:,} samples)",) if beyond else ()
