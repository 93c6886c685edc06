"""Spectrograms of sound on the mel scale, in decibels, and pictures of them."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ganwright.core.domain import Stored

BANDS = 64
WINDOW = 0.032  # seconds, to the nearest power of two in samples
FLOOR = 1e-8  # added to powers, so that silence has -80 decibels
ROWS = 128  # clips at a time
FRAMES = 128  # of a picture
DARKEST = -70.0  # decibels: the colour of silence; 0 is the brightest
COLOURS = ((0, 0, 4), (60, 15, 110), (150, 40, 110), (225, 90, 50), (252, 180, 50), (252, 255, 190))


def window_length(rate: int) -> int:
    """In samples: the power of two nearest to 32 ms."""
    return max(1 << round(math.log2(WINDOW * rate)), 16) if rate > 1 / WINDOW else 16


def mel(frequency: float) -> float:
    """Of a frequency in Hz: 2595 log10(1 + f / 700) (O'Shaughnessy, Speech communication, 1987)."""
    return 2595 * math.log10(1 + frequency / 700)


def frequency(mel: float) -> float:
    """The inverse of `mel`, in Hz."""
    return float(700 * (10 ** (mel / 2595) - 1))


@lru_cache(maxsize=8)
def filters(rate: int) -> Tensor:
    """float32 [bands, frequencies of the DFT]: triangles whose corners are equally spaced in mel from 0 to rate / 2.

    Each is 1 at its centre and 0 from the centres of its neighbours on. The DFT is at least as long as the window, and
    as fine as the lowest triangles are apart.
    """
    corners = np.array([frequency(mel(rate / 2) * place / (BANDS + 1)) for place in range(BANDS + 2)])
    size = window_length(rate)
    while rate / size > corners[1]:
        size *= 2
    at = np.arange(size // 2 + 1) * rate / size
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (at - low) / (centre - low), (high - at) / (high - centre)
    return torch.from_numpy(np.minimum(rising, falling).clip(0)).float()


def log_mel(sound: Tensor, rate: int, hop: int | None = None) -> Tensor:
    """Sound [n, samples], full scale 1, as 10 log10(power + 1e-8) of 64 bands over time: float32 [n, bands, frames].

    Frames of a Hann window w of `window_length`, `hop` apart (default: half of it), from the first sample on; the end
    is padded with silence. Power k of a frame x is 2 |DFT(w x)_k|^2 / (size sum w^2): all of them together are the mean
    square of the frame, weighted by w^2. A band is their sum weighted by a triangle of `filters`.
    """
    return torch.cat([_log_mel(part.float(), rate, hop) for part in sound.split(ROWS)])


def _log_mel(sound: Tensor, rate: int, hop: int | None) -> Tensor:
    length, weights = window_length(rate), filters(rate).to(sound.device)
    hop, size = hop or length // 2, 2 * (weights.shape[1] - 1)
    steps = max(-(-(sound.shape[1] - length) // hop), 0)
    padded = torch.nn.functional.pad(sound, (0, length + steps * hop - sound.shape[1]))
    window = torch.hann_window(length, device=sound.device)
    spectrum = torch.fft.rfft(padded.unfold(1, length, hop) * window, size)
    power = (spectrum.real.square() + spectrum.imag.square()) * (2 / (size * window.square().sum()))
    decibels: Tensor = 10 * (power @ weights.T + FLOOR).log10()
    return decibels.transpose(1, 2)


def pictures(sound: Tensor, rate: int) -> Stored:
    """Pictures of the spectrograms of clips [n, samples], low bands at the bottom: uint8 [n, bands, about 128, 3]."""
    decibels = log_mel(sound, rate, max(-(-sound.shape[1] // FRAMES), 1)).flip(1).numpy()
    brightness = (1 - decibels / DARKEST).clip(0, 1)
    return _palette()[(brightness * 255).round().astype(np.uint8)]


@lru_cache(maxsize=1)
def _palette() -> Stored:
    """uint8 [256, 3]: from dark to bright, linear between COLOURS."""
    at = np.linspace(0, len(COLOURS) - 1, 256)
    channels = [np.interp(at, range(len(COLOURS)), channel) for channel in zip(*COLOURS, strict=True)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
