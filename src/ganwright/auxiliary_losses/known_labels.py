"""The class loss of a classifier on the samples whose class is known (Salimans et al. 2016, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.partial_labels import classes_of, hidden_rows, weighted_mean


@dataclass(frozen=True)
class KnownLabels(AuxiliaryLoss):
    """`weight` times E[-log p(class | x, not fake)] over real samples of known class; see `SomeLabels`."""

    weight: float = 1.0

    def discriminator(self, forward: ForwardPass) -> dict[str, Tensor]:
        losses = F.cross_entropy(forward.real_output["classes"], classes_of(forward.condition), reduction="none")
        return {"labels": self.weight * weighted_mean(losses, 1 - hidden_rows(forward))}

    def report(self, forward: ForwardPass) -> dict[str, Tensor]:
        """The accuracies on samples of known and of hidden class."""
        hidden = hidden_rows(forward)
        correct = (forward.real_output["classes"].argmax(1) == classes_of(forward.condition)).to(hidden.dtype)
        return {
            "labels right": weighted_mean(correct, 1 - hidden),
            "hidden labels right": weighted_mean(correct, hidden),
        }
