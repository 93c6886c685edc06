"""The R1 and R2 penalties together: the squared gradient norm at real and fake samples, as R3GAN uses it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core.draws import Draws
from ganwright.penalties._gradient import Score, squared_norm


@dataclass(frozen=True)
class R1R2:
    """Huang et al. 2024 (R3GAN), section 2.2: weight / 2 * (E |grad D(x)|^2 + E |grad D(G(z))|^2)."""

    weight: float = 1.0

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return self.weight / 2 * (squared_norm(score, real).mean() + squared_norm(score, fake).mean())
