"""The relativistic pairing loss: the discriminator compares real with fake samples in pairs."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus

from ganwright.core.errors import UserError


@dataclass(frozen=True)
class Relativistic:
    """Jolicoeur-Martineau 2018 with f = softplus, as in R3GAN (Huang et al. 2024, equation 2).

    Only differences of scores have a meaning, so there is no probability D(x).
    """

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E softplus(-(D(x) - D(G(z))))."""
        return softplus(fake_score - _paired(real_score, fake_score)).mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """E softplus(-(D(G(z)) - D(x)))."""
        return softplus(_paired(real_score, fake_score) - fake_score).mean()

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """How real each real sample is rated: its score above that of its fake, [n]."""
        return _paired(real_score, fake_score) - fake_score


def _paired(real_score: Tensor, fake_score: Tensor) -> Tensor:
    """The real scores; a UserError unless there are equally many fake scores."""
    if real_score.shape != fake_score.shape:
        raise UserError(
            f"The relativistic loss needs as many real as fake scores, not {len(real_score)} and {len(fake_score)}: "
            "choose another loss, or an order with as many fakes as real samples."
        )
    return real_score
