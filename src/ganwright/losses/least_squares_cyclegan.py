"""The least-squares loss of CycleGAN, in which only the discriminator's is halved."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.losses.least_squares import LeastSquares


@dataclass(frozen=True)
class LeastSquaresCyclegan(LeastSquares):
    """Zhu et al. 2017, sections 3.3 and 4. The weights of further losses of the generator are relative to this one."""

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E (D(G(a)) - 1)^2."""
        return (fake_score - 1).square().mean()
