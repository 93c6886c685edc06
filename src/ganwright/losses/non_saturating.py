"""The non-saturating loss: the discriminator's cross-entropy, and -log D(G(z)) for the generator."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True)
class NonSaturating:
    """Goodfellow et al. 2014, section 3, with D = sigmoid(score). Scores are [n] real and [m] fake.

    `real_label` below 1 is one-sided label smoothing (Salimans et al. 2016): the target of D on real samples.
    """

    real_label: float = 1.0

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E log D(x) - E log(1 - D(G(z))), where -log sigmoid(s) = softplus(-s)."""
        label = self.real_label
        real = label * softplus(-real_score) + (1 - label) * softplus(real_score)
        return real.mean() + softplus(fake_score).mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E log D(G(z))."""
        return softplus(-fake_score).mean()

    def probability(self, score: Tensor) -> Tensor:
        """D(x), the probability that x is real."""
        return score.sigmoid()
