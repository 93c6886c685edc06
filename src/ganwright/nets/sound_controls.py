"""The network that makes the controls of a sound: a spectrum that fades, and what differs from it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganwright.nets.conv import ConvGenerator, NearestUp
from ganwright.nets.initial import he_first
from ganwright.nets.temporal import SLOPE, dense

HIDDEN = 256
SHARE = 0.2  # of the dense layers' output, without which the optimizer's steps drive tanh into saturation


class SoundControls(nn.Module):
    """Maps latents [n, latent] to controls [n, controls, bands, frames] in [-1, 1].

    They are tanh(p + a + b t): a picture p, made by convolutions, and for each control and band a value a and a slope b
    over the time t from -1 to 1, made by dense layers. What fades exponentially is linear in decibels, and a partial
    stays in its band, so that a and b alone make a steady tone; a picture of convolutions wavers until late.
    """

    time: Tensor  # [frames]

    def __init__(self, latent: int, shape: tuple[int, int, int], width: int) -> None:
        super().__init__()
        self.rows = shape[:2]
        self.picture = he_first(ConvGenerator(latent, shape, width, doubling=NearestUp, output=nn.Identity))
        self.spectrum = nn.Sequential(
            dense(latent, HIDDEN),
            nn.LeakyReLU(SLOPE),
            dense(HIDDEN, HIDDEN),
            nn.LeakyReLU(SLOPE),
            dense(HIDDEN, 2 * shape[0] * shape[1], 1.0),
        )
        self.register_buffer("time", torch.linspace(-1, 1, shape[2]), persistent=False)

    def forward(self, latent: Tensor) -> Tensor:
        value, slope = (SHARE * self.spectrum(latent)).view(len(latent), 2, *self.rows, 1).unbind(1)
        controls: Tensor = (self.picture(latent) + value + slope * self.time).tanh()
        return controls
