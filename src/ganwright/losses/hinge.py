"""The hinge loss: scores beyond the margin contribute no gradient to the discriminator."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import relu


@dataclass(frozen=True)
class Hinge:
    """Lim & Ye 2017; Miyato et al. 2018, equations 16 and 17. Scores are [n] real and [m] fake."""

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))."""
        return relu(1 - real_score).mean() + relu(1 + fake_score).mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E D(G(z))."""
        return -fake_score.mean()
