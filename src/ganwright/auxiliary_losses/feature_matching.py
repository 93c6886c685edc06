"""Feature matching: fakes should have the mean features of real samples (Salimans et al. 2016, section 3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.partial_labels import weighted_mean


def every_row(forward: ForwardPass) -> Tensor:
    """Weights [n] of 1 for all real samples."""
    return forward.real.new_ones(len(forward.real))


@dataclass(frozen=True)
class FeatureMatching(AuxiliaryLoss):
    """`weight` times |E f(x) - E f(G(z))|^2, averaged over the features f of the discriminator, [n, features].

    `rows` gives weights [n] of 0 or 1 to the real samples.
    """

    weight: float = 1.0
    rows: Callable[[ForwardPass], Tensor] = every_row

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        real = weighted_mean(forward.real_output["features"].detach(), self.rows(forward))
        return {"features": self.weight * (real - forward.fake_output["features"].mean(0)).square().mean()}
