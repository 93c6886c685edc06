"""The latent: what a generator makes samples from, drawn outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ganwright.core.draws import Draws

Law = Literal["normal", "uniform"]


@dataclass(frozen=True)
class Latent:
    """`size` independent numbers a sample: N(0, 1), or uniform on [-1, 1)."""

    size: int
    law: Law = "normal"

    def __call__(self, draws: Draws) -> Tensor:
        """[rows, size]."""
        return draws.normal(self.size) if self.law == "normal" else draws.uniform(self.size) * 2 - 1
