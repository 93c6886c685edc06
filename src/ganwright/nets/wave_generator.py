"""WaveGAN's generator: transposed convolutions from a latent to a waveform (Donahue et al. 2019)."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

KERNEL, STRIDE = 25, 4
BASE = 16  # places at the coarsest resolution, nearly; from 8 to 32


def levels(samples: int) -> int:
    """The number of layers of stride 4 from about BASE places to a number of samples."""
    return max(round(math.log(samples / BASE, STRIDE)), 1)


def widths(width: int, samples: int) -> list[int]:
    """The channels from coarse to fine, without the waveform's: they halve down to `width`."""
    return [width << level for level in reversed(range(levels(samples)))]


class WaveGenerator(nn.Module):
    """Maps latents [n, latent] to waveforms [n, 1, samples] in [-1, 1].

    A dense layer makes about 16 places, transposed convolutions of kernel 25 and stride 4 the waveform (appendix D,
    table 3); there is no normalisation. 16,384 samples have five layers, and with a width of 64 the paper's sizes.
    Other numbers of samples, which need not be powers of 4, are cut from the middle of a slightly longer waveform.
    """

    def __init__(self, latent: int, samples: int, width: int) -> None:
        super().__init__()
        self.samples, channels = samples, widths(width, samples)
        base = -(-samples // STRIDE ** len(channels))
        self.dense = nn.Linear(latent, channels[0] * base)
        self.unflatten = nn.Unflatten(1, (channels[0], base))
        self.layers = nn.ModuleList(
            nn.ConvTranspose1d(coarse, fine, KERNEL, STRIDE, padding=11, output_padding=1)
            for coarse, fine in pairwise([*channels, 1])
        )

    def forward(self, latent: Tensor) -> Tensor:
        features = self.unflatten(self.dense(latent))
        for layer in self.layers:
            features = layer(features.relu())
        before = (features.shape[2] - self.samples) // 2
        return torch.tanh(features[:, :, before : before + self.samples])
