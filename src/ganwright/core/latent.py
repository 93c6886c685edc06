"""The latent: random input of a generator, drawn outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ganwright.core.draws import Draws

Distribution = Literal["normal", "uniform"]


@dataclass(frozen=True)
class Latent:
    """`size` independent numbers per sample, or planes of them: N(0, 1), or uniform on [-1, 1)."""

    size: int
    distribution: Distribution = "normal"
    plane: tuple[int, ...] = ()  # height and width

    def __call__(self, draws: Draws) -> Tensor:
        """[rows, size, *plane]."""
        shape = self.size, *self.plane
        return draws.normal(*shape) if self.distribution == "normal" else draws.uniform(*shape) * 2 - 1
