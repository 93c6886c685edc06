"""The class loss of a discriminator that also predicts the class (Odena, Olah & Shlens 2017, AC-GAN)."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass


@dataclass(frozen=True)
class ClassLabels(AuxiliaryLoss):
    """`weight` times L_C = E[-log P(class = c | x)], where the condition is the class c, [n].

    The discriminator learns from real samples, the generator from its fakes. Unlike in the paper, the discriminator
    does not learn the classes of fakes, because early fakes do not show their class.
    """

    weight: float = 1.0

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        return {"class of fake": self.weight * F.cross_entropy(forward.fake_output["classes"], forward.condition)}

    def discriminator(self, forward: ForwardPass) -> dict[str, Tensor]:
        return {"class of real": self.weight * F.cross_entropy(forward.real_output["classes"], forward.condition)}

    def report(self, forward: ForwardPass) -> dict[str, Tensor]:
        correct = forward.real_output["classes"].argmax(1) == forward.condition
        return {"class accuracy": correct.to(forward.real.dtype).mean()}
