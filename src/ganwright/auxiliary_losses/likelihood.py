"""Likelihood: a generator of discrete symbols should find real samples probable, as a language model does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass


@dataclass(frozen=True)
class Likelihood(AuxiliaryLoss):
    """`weight` times the mean of -log p(x) over the real samples, in nats.

    GANs of text are pretrained by it as a rule (SeqGAN: Yu et al. 2017, algorithm 1); here it is a part of the loss
    throughout, like the supervised loss of TimeGAN (Yoon et al. 2019). `log_likelihood` maps encoded samples, and
    conditions if there are any, to log p [n].
    """

    log_likelihood: Callable[[Tensor, Tensor | None], Tensor]
    weight: float = 1.0

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        return {"likelihood": -self.weight * self.log_likelihood(forward.real, forward.batch.condition).mean()}
