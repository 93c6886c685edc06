"""What the recipes that make pictures of pictures share: jitter, sheets, and what they refuse."""

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
    """Channels, height, width of the conditions, which are as large as the samples; a UserError where they are not."""
    domain = data.condition_domain
    if not isinstance(domain, Images) or domain.shape[1:] != data.domain.shape[1:]:
        what = "none" if domain is None else domain.describe()
        raise UserError(f"Pictures are made of pictures of their size, and {data.name} has {what}.")
    return domain.shape


def mirrors(data: Data, flip: Flip) -> bool:
    """Whether mirror images of samples, with their conditions, count as real ones: by the samples, unless told."""
    return flip == "yes" or (flip == "auto" and harmless(data))


@dataclass(frozen=True)
class Jitter:
    """A view: pictures and conditions enlarged, cut to their size at the same random place, flipped half of the time
    (Isola et al. 2017, section 6.2: from 286 pixels back to 256)."""

    enlarged: float = 1.0
    flipped: bool = False

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        assert batch.condition is not None
        draws = draws.sized(len(batch))
        both = torch.cat([batch.real, batch.condition], 1)
        both = self._flipped(self._cut(both, draws), draws)
        return Batch(*torch.split(both, [batch.real.shape[1], batch.condition.shape[1]], 1))

    def _cut(self, pictures: Tensor, draws: Draws) -> Tensor:
        height, width = pictures.shape[2:]
        large = round(height * self.enlarged), round(width * self.enlarged)
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
    """Pictures of several kinds, encoded, in turn: one of each kind, then the next; grey ones in colour if some are."""
    colours = max(column.shape[1] for column in columns)
    shown = [column.expand(-1, colours, -1, -1) for column in columns]
    height, width = shown[0].shape[2:]
    return Images(height, width, colours).decode(torch.stack(shown, 1).flatten(0, 1))
