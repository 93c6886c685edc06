"""Views for super-resolution: images or random crops, with their low-resolution versions as conditions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws

REACH = 2  # radius of the bicubic kernel, in pixels of the low resolution


def downsampled(pictures: Tensor, scale: int) -> Tensor:
    """Downsamples images [n, channels, height, width] in [-1, 1] by `scale`, rounded to 8 bits.

    The bicubic kernel (Keys 1981, a = -1/2) is `scale` times as wide, and images are mirrored at their edges: Matlab's
    imresize, which made the usual test sets. It reproduces 86 to 93 % of the bytes of the low-resolution images of Set5
    and Set14, and nearly all others differ by one; Pillow's bicubic reproduces 81 to 90 %, with larger differences at
    the edges.
    """
    around = REACH * scale
    mirrored = _mirrored(_mirrored(pictures, around, -1), around, -2)
    size = [side // scale for side in mirrored.shape[2:]]
    small = F.interpolate(mirrored, size=size, mode="bicubic", antialias=True)[..., REACH:-REACH, REACH:-REACH]
    return small.mul(127.5).add(127.5).round().clamp(0, 255).sub(127.5).div(127.5)


def _mirrored(pictures: Tensor, around: int, axis: int) -> Tensor:
    """Pads an axis at both ends with `around` mirrored rows or columns; the edge is repeated."""
    before, after = pictures.narrow(axis, 0, around), pictures.narrow(axis, pictures.shape[axis] - around, around)
    return torch.cat([before.flip(axis), pictures, after.flip(axis)], axis)


@dataclass(frozen=True)
class Whole:
    """A view of whole images, with their low-resolution versions as conditions."""

    scale: int

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        return Batch(batch.real, downsampled(batch.real, self.scale))


@dataclass(frozen=True)
class Cropped:
    """A view of random crops of `side` pixels, flipped and transposed, with low-resolution versions as conditions.

    Images are downsampled before they are cropped, so that low-resolution pixels at a crop's edge include its
    surroundings, as inside a large image.
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
    """Crops [n, channels, side, side] at `corners` [n, 2]; `turns` bool [n, 3] flips rows, columns, and transposes."""
    offsets = torch.arange(side, device=pictures.device)
    offsets = torch.where(turns[:, :2, None], offsets.flip(0), offsets)  # [n, 2, side]
    rows, columns = (corners[:, :, None] + offsets).unbind(1)
    picture = torch.arange(len(pictures), device=pictures.device)[:, None, None]
    squares = pictures.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return torch.where(turns[:, 2, None, None, None], squares.transpose(2, 3), squares)
