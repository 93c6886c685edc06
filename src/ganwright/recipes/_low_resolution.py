"""What a recipe of super-resolution sees: crops of pictures, and the same crops at low resolution."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws

REACH = 2  # pixels of the low resolution that a bicubic kernel reaches to each side


def downsampled(pictures: Tensor, scale: int) -> Tensor:
    """Pictures [n, channels, height, width] in [-1, 1], `scale` times smaller, as a file of bytes would hold them.

    Bicubic (Keys 1981, a = -1/2) on a kernel that is `scale` times as wide, with the pictures mirrored at their edges:
    Matlab's imresize, which made the usual test sets. Of the low-resolution pictures of Set5 and Set14 this makes 86 to
    93 % of the bytes, nearly all others are one off; Pillow's bicubic makes 81 to 90 %, and differs more at the edges.
    """
    around = REACH * scale
    mirrored = _mirrored(_mirrored(pictures, around, -1), around, -2)
    size = [side // scale for side in mirrored.shape[2:]]
    small = F.interpolate(mirrored, size=size, mode="bicubic", antialias=True)[..., REACH:-REACH, REACH:-REACH]
    return small.mul(127.5).add(127.5).round().clamp(0, 255).sub(127.5).div(127.5)


def _mirrored(pictures: Tensor, around: int, axis: int) -> Tensor:
    """With `around` rows or columns more at both ends, the last one twice."""
    before, after = pictures.narrow(axis, 0, around), pictures.narrow(axis, pictures.shape[axis] - around, around)
    return torch.cat([before.flip(axis), pictures, after.flip(axis)], axis)


@dataclass(frozen=True)
class Whole:
    """The view of whole pictures, with their low-resolution versions as conditions."""

    scale: int

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        return Batch(batch.real, downsampled(batch.real, self.scale))


@dataclass(frozen=True)
class Cropped:
    """The view of crops of `side` pixels at random places, flipped and turned, with low-resolution versions.

    Pictures are made small before they are cropped: at a crop's edge a low-resolution pixel knows what lies beyond, as
    within a large picture.
    """

    scale: int
    side: int

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        small = downsampled(batch.real, self.scale)
        side = self.side // self.scale
        places = torch.tensor([small.shape[2] - side + 1, small.shape[3] - side + 1], device=draws.device)
        corners = (draws.at("corners").uniform(2).double() * places).long()
        turns = draws.at("turns").uniform(3) < 0.5
        real = _cut(batch.real, corners * self.scale, self.side, turns)
        return Batch(real, _cut(small, corners, side, turns))


def _cut(pictures: Tensor, corners: Tensor, side: int, turns: Tensor) -> Tensor:
    """Squares [n, channels, side, side] from `corners` [n, 2] on; `turns` [n, 3] flips down, across, and transposes."""
    steps = torch.arange(side, device=pictures.device)
    steps = torch.where(turns[:, :2, None], steps.flip(0), steps)  # [n, 2, side]
    rows, columns = (corners[:, :, None] + steps).unbind(1)
    picture = torch.arange(len(pictures), device=pictures.device)[:, None, None]
    squares = pictures.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return torch.where(turns[:, 2, None, None, None], squares.transpose(2, 3), squares)
