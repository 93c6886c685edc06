"""The content loss: the distance of a fake's features to those of the real picture that it should equal."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.forward_pass import ForwardPass


@dataclass(frozen=True)
class Content(AuxiliaryLoss):
    """`weight` times the mean distance of the feature maps of a frozen network (Ledig et al. 2017, equation 5).

    As in ESRGAN (Wang et al. 2018), the distance is the mean absolute difference of maps before activation, averaged
    over the maps if there are several.
    """

    network: nn.Module
    weight: float = 1.0

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        network = self.network.to(forward.fake.device, forward.fake.dtype)
        with torch.no_grad():
            targets = network(forward.real)
        distances = [(one - other).abs().mean() for one, other in zip(network(forward.fake), targets, strict=True)]
        return {"content": self.weight * torch.stack(distances).mean()}
