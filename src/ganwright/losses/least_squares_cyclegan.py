"""The least-squares loss of CycleGAN, in which only the discriminator's is halved."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.losses.least_squares import LeastSquares


@dataclass(frozen=True)
class LeastSquaresCyclegan(LeastSquares):
    """As in Zhu et al. 2017 and their program. The weights of the generator's further losses are relative to it."""

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E (D(G(a)) - 1)^2."""
        return (fake_score - 1).square().mean()
