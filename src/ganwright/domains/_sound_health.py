"""Traits of sound for health checks, which tell silence, noise, constant tones and distortion from real clips."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ganwright.domains._spectrogram import FLOOR, log_mel

QUIET = 1e-6  # mean square, -60 decibels, below which a frame is silent


def traits(sound: Tensor, rate: int) -> Mapping[str, Tensor]:
    """Of sound [n, samples], full scale 1; see `Domain.traits`.

    Levels and flatness are in decibels, centroids and widths in mel bands. The crest factor, peak over mean level, is
    small where sound is clipped and constant where it is a constant tone; flatness is 0 for noise that is as strong in
    every band.
    """
    decibels = log_mel(sound, rate)  # [n, bands, frames]
    powers = 10 ** (decibels / 10)
    level = _decibels(sound.square().mean(1))
    over_time = _decibels(powers.sum(1))  # [n, frames]
    bands = powers.mean(2)
    shares = bands / bands.sum(1, keepdim=True)
    places = torch.arange(bands.shape[1], device=sound.device, dtype=shares.dtype)
    centroid = (shares * places).sum(1)
    width = (shares * (places - centroid[:, None]).square()).sum(1).sqrt()
    return {
        "the loudness levels": level[:, None],
        "the crest factors": (_decibels(sound.square().amax(1)) - level)[:, None],
        "the shares of silence": (powers.sum(1) < QUIET).to(level.dtype).mean(1, keepdim=True),
        "the spectral centroids and widths": torch.stack([centroid, width], 1),
        "the degrees of spectral flatness": (_decibels(bands).mean(1) - _decibels(bands.mean(1)))[:, None],
        "the changes over time": torch.stack([_mean_change(decibels), over_time.std(1, correction=0)], 1),
    }


def _decibels(power: Tensor) -> Tensor:
    return 10 * (power + FLOOR).log10()


def _mean_change(decibels: Tensor) -> Tensor:
    """The mean absolute change of a band from one frame to the next, [n]; 0 of a single frame."""
    changes = decibels.diff(dim=2).abs().flatten(1)
    return changes.sum(1) / max(changes.shape[1], 1)
