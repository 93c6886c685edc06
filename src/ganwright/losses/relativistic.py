"""The relativistic pairing game: the discriminator compares a real sample with a fake one, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True)
class Relativistic:
    """Jolicoeur-Martineau 2018 with f = softplus, as in R3GAN (Huang et al. 2024, equation 2).

    A score has no meaning of its own, only a difference has: there is no D(x) to report.
    """

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E softplus(-(D(x) - D(G(z))))."""
        return softplus(fake_score - _paired(real_score, fake_score)).mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E softplus(-(D(G(z)) - D(x)))."""
        return softplus(_paired(real_score, fake_score) - fake_score).mean()

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """By how much each real sample is held for real: its lead over its fake, [n]."""
        return _paired(real_score, fake_score) - fake_score


def _paired(real_score: Tensor, fake_score: Tensor) -> Tensor:
    """The real scores; a ValueError when they cannot be paired with the fakes'."""
    if real_score.shape != fake_score.shape:
        raise ValueError(
            f"The relativistic loss compares pairs: it needs as many real as fake scores, "
            f"not {len(real_score)} and {len(fake_score)}."
        )
    return real_score
