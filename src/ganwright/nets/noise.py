"""Gaussian input noise from the turn's draws, so that a run does not depend on torch's global generator."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganwright.core import draws


class Noise(nn.Module):
    """Adds N(0, `deviation`^2) to its input in training; outside of a turn the noise comes from torch's generator."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, samples: Tensor) -> Tensor:
        if not self.training:
            return samples
        supplied = draws.supplied()
        if supplied is None:
            return samples + self.deviation * torch.randn_like(samples)
        return samples + self.deviation * supplied.sized(len(samples)).normal(*samples.shape[1:])

    def extra_repr(self) -> str:
        return f"deviation={self.deviation}"
