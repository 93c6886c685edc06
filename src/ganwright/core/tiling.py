"""Computes a function of pictures with a limited receptive field tile by tile, to limit memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor


def strips(
    function: Callable[[Tensor], Tensor], pictures: Tensor, scale: int, reach: int, side: int = 256
) -> Iterator[Tensor]:
    """function(pictures) for pictures [n, channels, height, width], enlarged by `scale`, in strips from the top.

    A tile of at most `side` pixels is computed from a window that extends `reach` pixels beyond it, within the picture.
    If no output depends on pixels farther away than `reach`, the strips equal those of the whole picture up to
    rounding. Each strip is [n, channels, scale * rows, scale * width].
    """
    height, width = pictures.shape[-2:]
    for top in range(0, height, side):
        bottom, window_top = min(top + side, height), max(top - reach, 0)
        tiles = []
        for left in range(0, width, side):
            right, window_left = min(left + side, width), max(left - reach, 0)
            window = function(pictures[..., window_top : bottom + reach, window_left : right + reach])
            rows = slice((top - window_top) * scale, (bottom - window_top) * scale)
            tiles.append(window[..., rows, (left - window_left) * scale : (right - window_left) * scale])
        yield torch.cat(tiles, -1)
