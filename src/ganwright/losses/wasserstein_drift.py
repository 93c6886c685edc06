"""The Wasserstein loss with a penalty on the drift of scores, as in progressive growing."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.losses.wasserstein import Wasserstein


@dataclass(frozen=True)
class WassersteinDrift(Wasserstein):
    """Karras et al. 2018, appendix A.1: L + drift E D(x)^2, L that of WGAN-GP.

    The Wasserstein loss does not depend on a constant added to all scores, so without the penalty they may drift.
    """

    drift: float = 1e-3

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return super().discriminator(real_score, fake_score) + self.drift * real_score.square().mean()
