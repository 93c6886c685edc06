"""The Wasserstein game: the critic estimates the earth mover's distance, if something keeps it 1-Lipschitz."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Wasserstein:
    """Arjovsky et al. 2017, equations 2 and 3; scores are flat, their numbers may differ.

    Needs a Lipschitz constraint: weight clipping (the paper's), or a gradient penalty (Gulrajani et al. 2017).
    """

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E D(G(z)) - E D(x), minus the estimated distance."""
        return fake_score.mean() - real_score.mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E D(G(z))."""
        return -fake_score.mean()

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """By how much each real sample is held for real: its lead over the mean fake, [n]."""
        return real_score - fake_score.mean()
