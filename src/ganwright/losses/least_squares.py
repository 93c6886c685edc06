"""The least-squares loss (LSGAN): scores are regressed to target values."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class LeastSquares:
    """Mao et al. 2017, equation 9 (targets a = 0, b = c = 1). Scores are [n] real and [m] fake.

    `real_label` below 1 is one-sided label smoothing: b, the discriminator's target for real scores. Beside other
    losses of the generator, note the half in its own: CycleGAN's has none (`LeastSquaresCyclegan`).
    """

    real_label: float = 1.0

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2."""
        return ((real_score - self.real_label).square().mean() + fake_score.square().mean()) / 2

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """1/2 E (D(G(z)) - 1)^2."""
        return (fake_score - 1).square().mean() / 2

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """How real each real sample is rated: its score above the midpoint of the targets, [n]."""
        return real_score - self.real_label / 2
