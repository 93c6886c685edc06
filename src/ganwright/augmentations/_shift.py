"""Random shifts of real pictures by a few pixels, for small data sets or few labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws


@dataclass(frozen=True)
class Shifted:
    """A stage's view: shifts each picture by integers up to `most` pixels along each axis and repeats its edge."""

    most: int

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        n, channels, height, width = batch.real.shape
        by = (draws.sized(n).at("shift").uniform(2) * (2 * self.most + 1)).long() - self.most  # [n, 2]
        sources = _sources(height, by[:, :1])[:, :, None] * width + _sources(width, by[:, 1:])[:, None, :]
        pixels = batch.real.flatten(2).gather(2, sources.view(n, 1, -1).expand(-1, channels, -1))
        return replace(batch, real=pixels.view(batch.real.shape))


def _sources(size: int, by: Tensor) -> Tensor:
    """The source of each pixel of an axis [n, size] that is shifted `by` [n, 1]."""
    return (torch.arange(size, device=by.device) - by).clamp(0, size - 1)
