"""The Wasserstein game with scores that are kept from drifting away, as progressive growing plays it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.losses.wasserstein import Wasserstein


@dataclass(frozen=True)
class WassersteinDrift(Wasserstein):
    """Karras et al. 2018, appendix A.1: L + drift E D(x)^2, L that of WGAN-GP.

    The Wasserstein loss leaves the scores' zero open; without an anchor they may wander off to large numbers.
    """

    drift: float = 1e-3

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return super().discriminator(real_score, fake_score) + self.drift * real_score.square().mean()
