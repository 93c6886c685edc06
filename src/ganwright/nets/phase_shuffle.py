"""Phase shuffle, which keeps a discriminator of waveforms from learning the phase of a generator's artefacts."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from ganwright.core import draws


class PhaseShuffle(nn.Module):
    """Shifts activations [n, channels, time] by -radius to radius places in training, one shift for a whole batch.

    The places that become empty are filled by reflection (Donahue et al. 2019, section 3.3). The shift comes from the
    turn's draws, and is the same for all micro-batches; outside of a turn it comes from torch's generator.
    """

    def __init__(self, radius: int) -> None:
        super().__init__()
        self.radius = radius

    def forward(self, features: Tensor) -> Tensor:
        if not self.training or not self.radius:
            return features
        supplied = draws.supplied()
        drawn = torch.rand(1, 1) if supplied is None else replace(supplied, start=0, stop=1).uniform(1)
        shift = (drawn.flatten().to(features.device) * (2 * self.radius + 1)).floor().long() - self.radius
        return features.index_select(2, reflected(shift, features.shape[2]))

    def extra_repr(self) -> str:
        return f"radius={self.radius}"


def reflected(shift: Tensor, length: int) -> Tensor:
    """The places [length] that are read for a shift [1], reflected at both ends without repeating the edges."""
    last = max(length - 1, 1)
    places = (torch.arange(length, device=shift.device) - shift).remainder(2 * last)
    return torch.where(places > last, 2 * last - places, places).clamp(max=length - 1)
