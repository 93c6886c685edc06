"""The gradient penalty of WGAN-GP: gradient norm 1 on lines between real and fake samples."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.penalties._gradient import Score, distance_from_one


@dataclass(frozen=True)
class GradientPenalty:
    """Gulrajani et al. 2017, equation 3: weight * E (|grad D(x^)| - 1)^2, x^ = u x + (1 - u) G(z), u uniform."""

    weight: float = 10.0

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        if len(real) != len(fake):
            raise UserError(
                f"The gradient penalty needs as many real samples as fakes, not {len(real)} and {len(fake)}: choose "
                "another penalty, or an order with as many fakes as real samples."
            )
        share = draws.at("interpolation").uniform(*[1] * (real.dim() - 1))  # [n, 1, ...]
        return self.weight * distance_from_one(score, fake.lerp(real, share))
