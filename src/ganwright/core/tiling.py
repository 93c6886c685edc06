"""A function of pictures that looks only so far around each pixel, computed tile by tile: memory is that of a tile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor


def strips(
    function: Callable[[Tensor], Tensor], pictures: Tensor, scale: int, reach: int, side: int = 256
) -> Iterator[Tensor]:
    """What `function` makes of pictures [n, channels, height, width], `scale` times as large, in strips from the top.

    A tile of at most `side` pixels is computed from a window that is `reach` pixels larger at each side, as far as
    there are pixels: where no pixel depends on others farther away than `reach`, the strips are those of the whole
    picture, up to rounding. Each strip is [n, channels, scale * rows, scale * width].
    """
    height, width = pictures.shape[-2:]
    for top in range(0, height, side):
        bottom, above = min(top + side, height), max(top - reach, 0)
        tiles = []
        for left in range(0, width, side):
            right, before = min(left + side, width), max(left - reach, 0)
            window = function(pictures[..., above : bottom + reach, before : right + reach])
            rows = slice((top - above) * scale, (bottom - above) * scale)
            tiles.append(window[..., rows, (left - before) * scale : (right - before) * scale])
        yield torch.cat(tiles, -1)
