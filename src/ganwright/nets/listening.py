"""Discriminators of sound that see its log-mel spectrogram."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganwright.domains._spectrogram import FLOOR, filters, window_length

FEWEST = 8  # frames
MIDDLE, UNIT = -40.0, 20.0  # decibels


class LogMel(nn.Module):
    """Maps waveforms [n, 1, samples] to pictures [n, 1, bands, frames] of their spectrograms in units of 20 decibels.

    The spectrograms are those of `Waveforms.viewed` with twice as many frames; silence is -2. There are at least FEWEST
    frames: short clips are padded with silence.
    """

    weights: Tensor  # [frequencies, bands]
    window: Tensor

    def __init__(self, samples: int, rate: int) -> None:
        super().__init__()
        dtype, length = torch.get_default_dtype(), window_length(rate)
        self.hop, triangles = length // 4, filters(rate)
        self.size = 2 * (triangles.shape[1] - 1)
        window = torch.hann_window(length, dtype=torch.float64)
        window *= (2 / (self.size * window.square().sum())).sqrt()
        self.frames = max(-(-(samples - length) // self.hop) + 1, FEWEST)
        self.padding = length + (self.frames - 1) * self.hop - samples
        self.register_buffer("window", window.to(dtype), persistent=False)
        self.register_buffer("weights", triangles.T.to(dtype), persistent=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the picture of a clip."""
        return 1, self.weights.shape[1], self.frames

    def forward(self, sound: Tensor) -> Tensor:
        padded = nn.functional.pad(sound.squeeze(1), (0, self.padding))
        spectrum = torch.fft.rfft(padded.unfold(1, len(self.window), self.hop) * self.window, self.size)
        power = torch.matmul(spectrum.real.square() + spectrum.imag.square(), self.weights)
        decibels = 10 * (power + FLOOR).log10()
        return ((decibels - MIDDLE) / UNIT).transpose(1, 2).unsqueeze(1)


class ListeningDiscriminator(nn.Module):
    """Maps waveforms [n, 1, samples], or views of them [n, channels, height, width], to the scores of `network`.

    `view` maps waveforms to views, which `network` gets, with the condition if there is one.
    """

    def __init__(self, view: nn.Module, network: nn.Module) -> None:
        super().__init__()
        self.view, self.network = view, network

    def forward(self, sound: Tensor, condition: Tensor | None = None) -> Tensor:
        views = self.view(sound) if sound.dim() == 3 else sound
        score: Tensor = self.network(views) if condition is None else self.network(views, condition)
        return score
