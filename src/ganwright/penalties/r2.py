"""The R2 penalty: the squared gradient norm at fake samples."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core.draws import Draws
from ganwright.penalties._gradient import Score, squared_norm


@dataclass(frozen=True)
class R2:
    """Mescheder et al. 2018, equation 10: weight / 2 * E |grad D(G(z))|^2 at fake samples; weight is their gamma."""

    weight: float = 1.0

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return self.weight / 2 * squared_norm(score, fake).mean()
