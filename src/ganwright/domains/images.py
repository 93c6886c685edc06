"""The domain of pictures: stored uint8 [n, height, width, channels], encoded float [n, channels, height, width]."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganwright.core.domain import Field, Stored, Writer

CELL = 48  # pixels: smaller pictures are enlarged by an integer factor in a grid
GAP = 2  # pixels between the pictures of a grid


@dataclass(frozen=True)
class Images:
    """Pictures of one size, grey (1 channel) or RGB (3 channels); encoded = (stored - 127.5) / 127.5."""

    height: int
    width: int
    channels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, self.height, self.width

    def encode(self, stored: Tensor) -> Tensor:
        floats = stored.to(torch.get_default_dtype()) if not stored.is_floating_point() else stored
        return floats.sub(127.5).div(127.5).permute(0, 3, 1, 2)

    def decode(self, encoded: Tensor) -> Stored:
        pixels = encoded.detach().float().mul(127.5).add(127.5).round().clamp(0, 255)
        return pixels.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()

    def to_array(self, stored: Stored) -> Stored:
        return stored[..., 0] if self.channels == 1 else stored

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        left, right = grid(fake, columns), grid(real[: len(fake)])
        sample_grid = Image.new(
            left.mode, (left.width + 8 * GAP + right.width, max(left.height, right.height)), "white"
        )
        sample_grid.paste(left, (0, 0))
        sample_grid.paste(right, (left.width + 8 * GAP, 0))
        return sample_grid

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return grid(stored, columns)

    def describe(self) -> str:
        return f"pictures of {self.height}x{self.width}, {'grey' if self.channels == 1 else 'RGB'}"

    @property
    def default_recipe(self) -> str:
        return "r3gan"

    @property
    def grid_size(self) -> int:
        return 64

    @property
    def views(self) -> tuple[str, ...]:
        return "features", "pictures"

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {"": save_folder}


def grid(pictures: Stored, columns: int | None = None) -> Image.Image:
    """A grid of pictures [n, height, width, channels]; small ones are enlarged by an integer factor."""
    count, height, width, channels = pictures.shape
    factor = max(1, math.ceil(CELL / max(height, width)))
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    cells = np.full((rows, height * factor + GAP, columns, width * factor + GAP, channels), 255, dtype=np.uint8)
    for row in range(rows):  # row by row: pictures are interleaved in each line of pixels
        line = pictures[row * columns : (row + 1) * columns].repeat(factor, axis=1).repeat(factor, axis=2)
        cells[row, :-GAP, : len(line), :-GAP] = line.transpose(1, 0, 2, 3)
    sample_grid = cells.reshape(rows * cells.shape[1], -1, channels)[:-GAP, :-GAP]
    return Image.fromarray(sample_grid[..., 0] if channels == 1 else sample_grid)


def save_folder(stored: Stored, conditions: Stored | None, folder: Path) -> None:
    """One PNG per picture; with conditions, one subfolder per condition."""
    for place, picture in enumerate(stored):
        parent = folder if conditions is None else folder / str(conditions[place])
        parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(parent / f"{place:06d}.png")
