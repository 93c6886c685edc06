"""The content loss: the distance of a fake's features to those of the real picture that it should equal."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganwright.core.batch import Batch


@dataclass(frozen=True)
class Content:
    """`weight` times the mean distance of the feature maps of a frozen network (Ledig et al. 2017, equation 5).

    As in ESRGAN (Wang et al. 2018), the distance is the mean absolute difference of maps before activation, averaged
    over the maps if there are several.
    """

    network: nn.Module
    weight: float = 1.0

    def __call__(self, fake: Tensor, batch: Batch) -> Tensor:
        network = self.network.to(fake.device, fake.dtype)
        with torch.no_grad():
            targets = network(batch.real)
        distances = [(one - other).abs().mean() for one, other in zip(network(fake), targets, strict=True)]
        return self.weight * torch.stack(distances).mean()
