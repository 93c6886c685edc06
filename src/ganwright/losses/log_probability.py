"""The non-saturating game in plain logarithms of probabilities, kept from log 0 by a small constant."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class LogProbability:
    """Goodfellow et al. 2014, equations 2 and 3 of the programs that write log(D + 1e-12), D = sigmoid(score).

    Unlike `NonSaturating` the gradient vanishes where float32 rounds D to 0 or 1: that is part of such programs.
    Scores are flat, their numbers may differ.
    """

    epsilon: float = 1e-12

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E [log D(x)] - E [log(1 - D(G(z)))]."""
        real, fake = self.probability(real_score), self.probability(fake_score)
        return -(real + self.epsilon).log().mean() - (1 - fake + self.epsilon).log().mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E log D(G(z))."""
        return -(self.probability(fake_score) + self.epsilon).log().mean()

    def probability(self, score: Tensor) -> Tensor:
        """D(x), the probability that x is real."""
        return score.sigmoid()
