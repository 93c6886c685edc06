"""The class loss of a classifier on the samples whose class is known (Salimans et al. 2016, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.partial_labels import classes_of, hidden_rows, known_rows, mean_over


@dataclass(frozen=True)
class KnownLabels(AuxiliaryLoss):
    """`weight` times E[-log p(class | x, not fake)] over real samples of known class; see `SomeLabels`."""

    weight: float = 1.0

    def discriminator(self, forward: ForwardPass) -> dict[str, Tensor]:
        losses = F.cross_entropy(forward.real_output["classes"], classes_of(forward.condition), reduction="none")
        return {"labels": self.weight * mean_over(losses, known_rows, forward.batch)}

    def report(self, forward: ForwardPass) -> dict[str, Tensor]:
        """The accuracies on samples of known and of hidden class."""
        correct = (forward.real_output["classes"].argmax(1) == classes_of(forward.condition)).to(forward.real.dtype)
        return {
            "labels right": mean_over(correct, known_rows, forward.batch),
            "hidden labels right": mean_over(correct, hidden_rows, forward.batch),
        }
