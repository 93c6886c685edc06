"""Real pictures moved by a few pixels, which shows few pictures, or few labels, in more places."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws


@dataclass(frozen=True)
class Shifted:
    """A stage's view: each picture moved by whole pixels, up to `most` along each axis; its edge goes on outside."""

    most: int

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        n, channels, height, width = batch.real.shape
        by = (draws.sized(n).at("shift").uniform(2) * (2 * self.most + 1)).long() - self.most  # [n, 2]
        places = _from(height, by[:, :1])[:, :, None] * width + _from(width, by[:, 1:])[:, None, :]
        pixels = batch.real.flatten(2).gather(2, places.view(n, 1, -1).expand(-1, channels, -1))
        return replace(batch, real=pixels.view(batch.real.shape))


def _from(size: int, by: Tensor) -> Tensor:
    """Where each pixel of an axis comes from, [n, size], that is moved `by` [n, 1]."""
    return (torch.arange(size, device=by.device) - by).clamp(0, size - 1)
