"""The cycle-consistency loss: a translation back gives the condition (CycleGAN, Zhu et al. 2017, equation 2)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass


@dataclass(frozen=True)
class CycleConsistency(AuxiliaryLoss):
    """`weight` times the mean of |inverse(G(a)) - a| over conditions a.

    `inverse` is the generator of the reverse translation, called as inverse(latent [n, 0], condition).
    """

    inverse: nn.Module
    weight: float = 10.0

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        back = self.inverse(forward.fake.new_empty(len(forward.fake), 0), forward.fake)
        return {"cycle": self.weight * (back - forward.condition).abs().mean()}
