"""Dropout whose mask comes from the turn's draws, so that a run does not depend on torch's global generator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from ganwright.core import draws
from ganwright.core.draws import Draws


class Dropout(nn.Module):
    """In training, zeroes inputs with probability `p` and scales the others by 1 / (1 - p) (Srivastava et al. 2014).

    Outside of a turn (`core.draws.supplied` is None) it is `nn.Dropout`.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, samples: Tensor) -> Tensor:
        supplied = draws.supplied() if self.training else None
        if supplied is None:
            return dropout(samples, self.p, self.training)
        channels, *places = samples.shape[1:]
        # in the order of channels-last memory
        mask = supplied.sized(len(samples)).bernoulli(1 - self.p, *places, channels)
        return samples * mask.to(samples.dtype).div_(1 - self.p).movedim(-1, 1)

    def extra_repr(self) -> str:
        return f"p={self.p}"


@dataclass(frozen=True)
class Masks:
    """Dropout masks as a latent, for networks whose noise is dropout.

    `shapes` are the shapes of one sample's masks, [channels, height, width] each; a mask is 0 with probability `p` and
    1 / (1 - p) otherwise.
    """

    shapes: tuple[tuple[int, ...], ...]
    p: float = 0.5

    def __call__(self, draws: Draws) -> Tensor:
        """The flattened masks, [rows, total size]."""
        return draws.bernoulli(1 - self.p, sum(map(math.prod, self.shapes))).to(draws.dtype).div_(1 - self.p)

    def split(self, latent: Tensor) -> list[Tensor]:
        """The masks of a latent, [rows, *shape] each."""
        parts = torch.split(latent, [math.prod(shape) for shape in self.shapes], 1) if self.shapes else ()
        return [part.reshape(-1, *shape) for part, shape in zip(parts, self.shapes, strict=True)]
