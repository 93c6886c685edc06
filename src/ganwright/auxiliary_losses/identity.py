"""The identity loss: a translation leaves samples of its target unchanged (CycleGAN, Zhu et al. 2017, section 5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass


@dataclass(frozen=True)
class Identity(AuxiliaryLoss):
    """`weight` times the mean of |G(b) - b| over real samples b.

    `translation` is the generator G itself, called as translation(latent [n, 0], condition).
    """

    translation: nn.Module
    weight: float = 5.0

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        same = self.translation(forward.real.new_empty(len(forward.real), 0), forward.real)
        return {"identity": self.weight * (same - forward.real).abs().mean()}
