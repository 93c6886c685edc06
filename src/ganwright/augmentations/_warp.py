"""Affine maps of pictures, made of gathers and products, so that they can be differentiated twice.

torch's own `grid_sample` cannot, and penalties need the gradient of a gradient.
"""

from __future__ import annotations

import torch
from torch import Tensor

TAPS = 4  # along each axis, of cubic convolution


def warped(pictures: Tensor, maps: Tensor) -> Tensor:
    """Pictures [n, channels, height, width], each pixel taken from where `maps` [n, 2, 3] send its place.

    Places are (x, y, 1) in pixels from the picture's middle. Beyond its edges a picture goes on as its mirror image.
    Between pixels it is interpolated by cubic convolution (Keys 1981, a = -1/2), which gives whole pixels back as
    they are: shifts by whole pixels, mirrors and quarter turns are exact.
    """
    n, channels, height, width = pictures.shape
    x, y = _axis(width, maps), _axis(height, maps)
    ones = torch.ones_like(x[None, :] + y[:, None])
    grid = torch.stack([x[None, :] * ones, y[:, None] * ones, ones]).flatten(1)  # [3, place]
    from_x, from_y = (maps @ grid).unbind(1)  # [n, place] each
    columns, across = _taps(from_x + (width - 1) / 2, width)
    rows, down = _taps(from_y + (height - 1) / 2, height)
    places = (rows[:, :, None] * width + columns[:, None, :]).view(n, 1, -1)  # [n, 1, tap and tap and place]
    weights = (down[:, :, None] * across[:, None, :]).view(n, 1, TAPS**2, -1)
    taken = pictures.flatten(2).gather(2, places.expand(-1, channels, -1))
    return (taken.view(n, channels, TAPS**2, -1) * weights).sum(2).view(pictures.shape)


def _axis(size: int, like: Tensor) -> Tensor:
    """The pixels of a side, counted from its middle."""
    return torch.arange(size, device=like.device, dtype=like.dtype) - (size - 1) / 2


def _taps(places: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The four pixels around each of `places` [n, place], and their weights: [n, 4, place] each."""
    first = places.floor()
    t = places - first
    weights = torch.stack(
        [
            ((2 - t) * t - 1) * t / 2,
            ((3 * t - 5) * t * t + 2) / 2,
            ((4 - 3 * t) * t + 1) * t / 2,
            (t - 1) * t * t / 2,
        ],
        1,
    )
    pixels = first.long()[:, None] + torch.arange(-1, TAPS - 1, device=places.device)[:, None]
    turn = pixels % (2 * size)  # a period of the picture and its mirror image
    return torch.where(turn < size, turn, 2 * size - 1 - turn), weights
