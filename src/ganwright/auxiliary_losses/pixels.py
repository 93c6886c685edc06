"""The pixel loss: the distance of a fake to the real picture that it should equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass

_DISTANCES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"l1": F.l1_loss, "mse": F.mse_loss}


@dataclass(frozen=True)
class Pixels(AuxiliaryLoss):
    """`weight` times the mean absolute ("l1") or squared ("mse") difference, pixel by pixel, of values in [-1, 1].

    Squared differences are SRResNet's (Ledig et al. 2017, equation 4); absolute ones gave later super-resolution
    networks a higher PSNR (Lim et al. 2017).
    """

    weight: float = 1.0
    distance: Literal["l1", "mse"] = "l1"

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        return {"pixels": self.weight * _DISTANCES[self.distance](forward.fake, forward.real)}
