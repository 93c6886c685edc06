"""The latent: what a generator makes samples from, drawn outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ganwright.core.draws import Draws

Distribution = Literal["normal", "uniform"]


@dataclass(frozen=True)
class Latent:
    """`size` independent numbers a sample: N(0, 1), or uniform on [-1, 1); or `size` planes of them."""

    size: int
    distribution: Distribution = "normal"
    plane: tuple[int, ...] = ()  # height and width

    def __call__(self, draws: Draws) -> Tensor:
        """[rows, size, *plane]."""
        shape = self.size, *self.plane
        return draws.normal(*shape) if self.distribution == "normal" else draws.uniform(*shape) * 2 - 1
