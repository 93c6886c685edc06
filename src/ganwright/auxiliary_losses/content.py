"""The content guide: a fake should have the features of the real picture that it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganwright.core.batch import Batch


@dataclass(frozen=True)
class Content:
    """`weight` times the mean distance of the maps of a frozen network (Ledig et al. 2017, equation 5).

    The distance is the mean of absolute differences, and the maps are taken before their activation, both as in ESRGAN
    (Wang et al. 2018); of several maps the mean counts.
    """

    network: nn.Module
    weight: float = 1.0

    def __call__(self, fake: Tensor, batch: Batch) -> Tensor:
        network = self.network.to(fake.device, fake.dtype)
        with torch.no_grad():
            wanted = network(batch.real)
        distances = [(one - other).abs().mean() for one, other in zip(network(fake), wanted, strict=True)]
        return self.weight * torch.stack(distances).mean()
