"""Converts pictures of any size and colour to a network's input, in the same way for real and generated pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.errors import UserError
from ganwright.core.metric import Array

LUMA = (0.299, 0.587, 0.114)  # of red, green, blue: Rec. ITU-R BT.601
FILTER = "bilinear, antialiased (torch interpolate), in float32, not rounded"
BLOCK = 1 << 22  # values resized at a time: 16 MiB in float32


def check(pictures: Array) -> None:
    """Raises UserError unless the pictures are uint8 [n, height, width, 1 or 3] with n and sides above 0."""
    if isinstance(pictures, np.ndarray) and pictures.ndim == 3 and pictures.dtype.kind == "f":
        raise UserError(f"These features are those of pictures, not of spectrograms {list(pictures.shape)}.")
    if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8:
        raise UserError(
            "Features need pictures of uint8, 0 to 255, not "
            f"{getattr(pictures, 'dtype', type(pictures).__name__)}: round and clip them first."
        )
    if pictures.ndim != 4 or pictures.shape[3] not in (1, 3):
        raise UserError(
            f"Features need pictures [n, height, width, channels] with 1 or 3 channels, not {list(pictures.shape)}."
        )
    if not pictures.size:
        raise UserError(f"Features need at least one picture, not {list(pictures.shape)}.")


def chunks(pictures: Array, size: int) -> Iterator[Array]:
    """Yields the pictures in chunks of `size`; the last chunk is padded with black ones.

    A matrix product may round differently with another number of rows. In chunks of one shape the features of a picture
    do not depend on the number of pictures after it.
    """
    for start in range(0, len(pictures), size):
        chunk = pictures[start : start + size]
        yield np.pad(chunk, ((0, size - len(chunk)), (0, 0), (0, 0), (0, 0)))


def fitted(pictures: Array, channels: int, side: int) -> Tensor:
    """uint8 [n, height, width, 1 or 3] to float32 [n, channels, side, side], 0 to 255."""
    count, height, width, _ = pictures.shape
    step = max(1, BLOCK // (height * width * 3))
    return torch.cat(
        [resized(pictures[start : start + step], channels, (side, side)) for start in range(0, count, step)]
    )


def tiles(pictures: Array, channels: int, side: int) -> Tensor:
    """uint8 [n, height, width, 1 or 3] to the tiles at their own resolution, float32 [n, 4, channels, side, side].

    They lie around the centres of the picture's four quarters. A side below that of a tile is enlarged to it.
    """
    rows, columns = (_spans(length, side) for length in pictures.shape[1:3])
    parts = [pictures[:, row, column] for row in rows for column in columns]
    return torch.stack([resized(part, channels, (side, side)) for part in parts], dim=1)


def mean_levels(pictures: Array, channels: int) -> Tensor:
    """uint8 [n, height, width, 1 or 3] to the mean of each picture's channels, float32 [n, channels, 1, 1]."""
    columns = pictures.sum(axis=1, keepdims=True, dtype=np.uint32)  # rows first: far faster
    sums = columns.sum(axis=2, keepdims=True, dtype=np.uint64)
    means = sums / (pictures.shape[1] * pictures.shape[2])
    return resized(means, channels, (1, 1))


def _spans(length: int, side: int) -> list[slice]:
    """The parts of a side of this length that two tiles take: around a quarter and three quarters of it."""
    centres = (length // 4, length - length // 4)
    starts = [min(max(centre - side // 2, 0), max(length - side, 0)) for centre in centres]
    return [slice(start, start + side) for start in starts]


def resized(pictures: Array, channels: int, size: tuple[int, int]) -> Tensor:
    """Pictures [n, height, width, 1 or 3] to float32 [n, channels, *size], 0 to 255, all at once."""
    planes = torch.tensor(pictures, dtype=torch.float32).permute(0, 3, 1, 2)
    if planes.shape[1] > channels:
        planes = (planes * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    if planes.shape[2:] != size:
        planes = F.interpolate(planes, size, mode="bilinear", antialias=True)
    return planes.expand(-1, channels, -1, -1).contiguous()
