"""White noise through a filter that changes over time (Serra & Smith 1990; Engel et al. 2020, section 3.4)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class FilteredNoise(nn.Module):
    """Scales noise [n, (frames - 1) hop] by levels [n, bands, frames] in bands: [n, (frames - 1) hop].

    Levels are natural logarithms of amplitudes, one for each of the `centres` [bands], in cycles per sample, and each
    frame; frames are `hop` apart and begin with the noise. Between bands and between frames they are interpolated: the
    noise is cut into frames of two hops with sine windows, whose DFTs are scaled, and which are added with the same
    windows. Where all levels are 0 the sound is the noise.
    """

    interpolation: Tensor  # [bands, hop + 1]
    window: Tensor  # [2 hop]

    def __init__(self, centres: Tensor, hop: int) -> None:
        super().__init__()
        self.hop = hop
        dtype = torch.get_default_dtype()
        window = torch.sin(math.pi / (2 * hop) * (torch.arange(2 * hop) + 0.5))
        frequencies = torch.arange(hop + 1) / (2 * hop)
        self.register_buffer("window", window.to(dtype), persistent=False)
        self.register_buffer("interpolation", hats(centres, frequencies).to(dtype), persistent=False)

    def forward(self, levels: Tensor, noise: Tensor) -> Tensor:
        frames = nn.functional.pad(noise, (self.hop, self.hop)).unfold(1, 2 * self.hop, self.hop) * self.window
        gains = torch.matmul(levels.transpose(1, 2), self.interpolation).exp()
        scaled = torch.fft.irfft(torch.fft.rfft(frames) * gains, 2 * self.hop) * self.window
        sound: Tensor = (scaled[:, :-1, self.hop :] + scaled[:, 1:, : self.hop]).flatten(1)
        return sound


def hats(centres: Tensor, at: Tensor) -> Tensor:
    """Weights [centres, at] of linear interpolation between increasing `centres`, constant outside."""
    place = torch.searchsorted(centres, at.contiguous()).clamp(1, len(centres) - 1)
    share = ((at - centres[place - 1]) / (centres[place] - centres[place - 1])).clamp(0, 1)
    weights = torch.zeros(len(centres), len(at))
    columns = torch.arange(len(at))
    weights[place - 1, columns] = 1 - share
    weights[place, columns] = share
    return weights
