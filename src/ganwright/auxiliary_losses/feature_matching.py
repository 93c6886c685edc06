"""Feature matching: fakes should have the mean features of real samples (Salimans et al. 2016, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganwright.core import global_batch
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.partial_labels import RowWeights, every_row, mean_in_part


@dataclass(frozen=True)
class FeatureMatching(AuxiliaryLoss):
    """`weight` times |E f(x) - E f(G(z))|^2, averaged over the features f of the discriminator, [n, features].

    `rows` selects real samples. The means are over the global batch, in all processes. With micro-batches (gradient
    accumulation) they are those of each part, and the losses of the parts are averaged: unlike with a whole batch, the
    expected loss of equal distributions grows with the number of parts.
    """

    weight: float = 1.0
    rows: RowWeights = every_row

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        real = mean_in_part(forward.real_output["features"].detach(), self.rows, forward.batch)
        fake = global_batch.mean(forward.fake_output["features"].mean(0))
        return {"features": self.weight * (real - fake).square().mean()}

    def over_parts(self, size: int) -> str:
        return "feature matching compares the mean features of a part"
