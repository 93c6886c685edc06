"""Affine maps of pictures by gathers and products, which are twice differentiable.

torch's `grid_sample` is not, and gradient penalties need second derivatives.
"""

from __future__ import annotations

import torch
from torch import Tensor

TAPS = 4  # along each axis, of cubic convolution


def warped(pictures: Tensor, maps: Tensor) -> Tensor:
    """Samples pictures [n, channels, height, width] at the positions to which `maps` [n, 2, 3] send each pixel.

    Positions are (x, y, 1) in pixels from the picture's centre. Beyond its edges a picture is mirrored. Interpolation
    is cubic convolution (Keys 1981, a = -1/2), which is exact at integer positions: integer shifts, mirrors and quarter
    turns are exact.
    """
    n, channels, height, width = pictures.shape
    x, y = _axis(width, maps), _axis(height, maps)
    ones = torch.ones_like(x[None, :] + y[:, None])
    grid = torch.stack([x[None, :] * ones, y[:, None] * ones, ones]).flatten(1)  # [3, position]
    from_x, from_y = (maps @ grid).unbind(1)  # [n, position] each
    columns, across = _taps(from_x + (width - 1) / 2, width)
    rows, down = _taps(from_y + (height - 1) / 2, height)
    sources = (rows[:, :, None] * width + columns[:, None, :]).view(n, 1, -1)  # [n, 1, tap and tap and position]
    weights = (down[:, :, None] * across[:, None, :]).view(n, 1, TAPS**2, -1)
    taps = pictures.flatten(2).gather(2, sources.expand(-1, channels, -1))
    return (taps.view(n, channels, TAPS**2, -1) * weights).sum(2).view(pictures.shape)


def _axis(size: int, like: Tensor) -> Tensor:
    """Pixel coordinates of a side, from its centre."""
    return torch.arange(size, device=like.device, dtype=like.dtype) - (size - 1) / 2


def _taps(positions: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The four pixels around each of `positions` [n, position] and their weights, [n, 4, position] each."""
    first = positions.floor()
    t = positions - first
    weights = torch.stack(
        [
            ((2 - t) * t - 1) * t / 2,
            ((3 * t - 5) * t * t + 2) / 2,
            ((4 - 3 * t) * t + 1) * t / 2,
            (t - 1) * t * t / 2,
        ],
        1,
    )
    pixels = first.long()[:, None] + torch.arange(-1, TAPS - 1, device=positions.device)[:, None]
    phase = pixels % (2 * size)  # a period of the picture and its mirror image
    return torch.where(phase < size, phase, 2 * size - 1 - phase), weights
