"""Jitter, sample grids and checks that the recipes of image translation share."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.augmentations._mirror import harmless
from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.recipes._convolutional import Shape
from ganwright.recipes._small_data import Flip


def condition_shape(data: Data) -> Shape:
    """Channels, height, width of the conditions; a UserError unless they are images of the samples' size."""
    samples, conditions = data.require(Images), data.condition_domain
    for suitable in (Images(samples.height, samples.width, channels) for channels in (1, 3)):
        if conditions == suitable:
            return suitable.shape
    what = "none" if conditions is None else conditions.describe()
    raise UserError(f"The conditions must be pictures of the samples' size, but {data.name} has {what}.")


def mirrors(data: Data, flip: Flip) -> bool:
    """Whether samples are mirrored together with their conditions; "auto" decides by the samples."""
    return flip == "yes" or (flip == "auto" and harmless(data))


@dataclass(frozen=True)
class Jitter:
    """A view: images and conditions are enlarged by `scale`, cropped at the same random position, and flipped together.

    Isola et al. 2017, section 6.2, crop 256 pixels from 286.
    """

    scale: float = 1.0
    flipped: bool = False

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        assert batch.condition is not None
        draws = draws.sized(len(batch))
        both = torch.cat([batch.real, batch.condition], 1)
        both = self._flipped(self._cropped(both, draws), draws)
        real, condition = torch.split(both, [batch.real.shape[1], batch.condition.shape[1]], 1)
        return Batch(real, condition)

    def _cropped(self, pictures: Tensor, draws: Draws) -> Tensor:
        height, width = pictures.shape[2:]
        large = round(height * self.scale), round(width * self.scale)
        if large == (height, width):
            return pictures
        enlarged = F.interpolate(pictures, size=large, mode="bicubic", align_corners=False).clamp(-1, 1)
        down, right = draws.at("crop").uniform(2).double().unbind(1)
        top, left = (down * (large[0] - height + 1)).long(), (right * (large[1] - width + 1)).long()
        rows = top[:, None] + torch.arange(height, device=pictures.device)
        columns = left[:, None] + torch.arange(width, device=pictures.device)
        picture = torch.arange(len(pictures), device=pictures.device)[:, None, None]
        return enlarged.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

    def _flipped(self, pictures: Tensor, draws: Draws) -> Tensor:
        if not self.flipped:
            return pictures
        flips = draws.at("flip").uniform() < 0.5
        return torch.where(flips[:, None, None, None], pictures.flip(3), pictures)


def in_rows(*columns: Tensor) -> Stored:
    """Interleaves encoded images of several kinds, and decodes them; grey becomes colour if any kind has colour."""
    colours = max(column.shape[1] for column in columns)
    expanded = [column.expand(-1, colours, -1, -1) for column in columns]
    height, width = expanded[0].shape[2:]
    return Images(height, width, colours).decode(torch.stack(expanded, 1).flatten(0, 1))
