"""The non-saturating loss in logarithms of probabilities with a small constant that avoids log 0."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class LogProbability:
    """Goodfellow et al. 2014, equations 2 and 3, as in programs that write log(D + 1e-12), D = sigmoid(score).

    Unlike in `NonSaturating`, the gradient vanishes where float32 rounds D to 0 or 1, as in such programs. Scores are
    [n] real and [m] fake.
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
