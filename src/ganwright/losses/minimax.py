"""The original minimax loss: the generator minimises the value that the discriminator maximises."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import logsigmoid


@dataclass(frozen=True)
class Minimax:
    """Goodfellow et al. 2014, equation 1, with D = sigmoid(score). Scores are [n] real and [m] fake.

    `real_label` below 1 is one-sided label smoothing (Salimans et al. 2016): the target of D on real samples.
    """

    real_label: float = 1.0

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-V(D, G)."""
        return -self.value(real_score, fake_score)

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E log(1 - D(G(z))): saturating, its gradient vanishes where D(G(z)) is near 0."""
        return logsigmoid(-fake_score).mean()

    def value(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """V(D, G) = E log D(x) + E log(1 - D(G(z)))."""
        label = self.real_label
        real = label * logsigmoid(real_score) + (1 - label) * logsigmoid(-real_score)
        return real.mean() + logsigmoid(-fake_score).mean()

    def probability(self, score: Tensor) -> Tensor:
        """D(x), the probability that x is real."""
        return score.sigmoid()
