"""Moment matching: fakes should have the means and variances of real samples, element by element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ganwright.core import global_batch
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass


def every(samples: Tensor) -> Tensor:
    """All elements of the samples."""
    return samples


@dataclass(frozen=True)
class Moments(AuxiliaryLoss):
    """`weight` times |E x - E G(z)|^2 + |E x^2 - E G(z)^2|^2, summed over the elements of a sample.

    It is the moment loss of TimeGAN's code (Yoon et al. 2019), with squares in place of absolute values. `elements`
    maps encoded samples to those compared, [n, ...]. The means are over the global batch, in all processes; with
    micro-batches (gradient accumulation) over each part.
    """

    weight: float = 1.0
    elements: Callable[[Tensor], Tensor] = every

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        real, fake = self._means(forward.real), self._means(forward.fake)
        return {"moments": self.weight * (real.detach() - fake).square().sum()}

    def over_parts(self, size: int) -> str:
        return "moment matching compares the means of a part"

    def _means(self, samples: Tensor) -> Tensor:
        elements = self.elements(samples).flatten(1)
        return global_batch.mean(torch.cat([elements, elements.square()], 1).mean(0))
