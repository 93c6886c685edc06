"""The R1 penalty: the squared gradient norm at real samples."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core.draws import Draws
from ganwright.penalties._gradient import Score, squared_norm


@dataclass(frozen=True)
class R1:
    """Mescheder et al. 2018, equation 9: weight / 2 * E |grad D(x)|^2 at real samples; weight is their gamma."""

    weight: float = 1.0

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return self.weight / 2 * squared_norm(score, real).mean()
