"""The consistency loss: two passes of a sample of hidden class should give the same class probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.partial_labels import hidden_rows, mean_over


@dataclass(frozen=True)
class Consistency(AuxiliaryLoss):
    """`weight` times E |p(x) - p'(x)|^2, where p and p' are of passes with different noise, dropout and augmentation.

    The Pi model (Laine & Aila 2017; with a GAN Wei et al. 2018), over real samples of hidden class; see `SomeLabels`.
    """

    weight: float = 1.0

    def discriminator(self, forward: ForwardPass) -> dict[str, Tensor]:
        second = forward.discriminate(forward.real)["classes"].softmax(1)
        distances = (forward.real_output["classes"].softmax(1) - second).square().sum(1)
        return {"consistency": self.weight * mean_over(distances, hidden_rows, forward.batch)}
