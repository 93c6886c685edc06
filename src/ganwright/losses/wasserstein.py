"""The Wasserstein loss: a 1-Lipschitz critic estimates the earth mover's distance."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core import global_batch


@dataclass(frozen=True)
class Wasserstein:
    """Arjovsky et al. 2017, equations 2 and 3. Scores are [n] real and [m] fake.

    Requires a Lipschitz constraint: weight clipping (as in the paper) or a gradient penalty (Gulrajani et al. 2017).
    """

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E D(G(z)) - E D(x), the negative of the estimated distance."""
        return fake_score.mean() - real_score.mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """-E D(G(z))."""
        return -fake_score.mean()

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """How real each real sample is rated: its score above the mean fake score, [n].

        The mean is over all processes (a collective operation), and over one micro-batch.
        """
        return real_score - global_batch.mean(fake_score.mean())

    def over_parts(self, size: int) -> str:
        """For games with an augmentation, which alone uses the margin."""
        return "the augmentation's margin is above the mean fake score of a part"
