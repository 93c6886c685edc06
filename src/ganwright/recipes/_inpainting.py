"""Pictures of which a part is missing, as conditions: with one more channel that says where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganwright.augmentations._mirror import mirrored
from ganwright.core.batch import Batch
from ganwright.core.condition import DerivedConditions, Files
from ganwright.core.draws import Draws


@dataclass(frozen=True)
class SquareMissing:
    """A view: a square, whose side is `hole` times the picture's shorter one, is cut out at a random place; `mirrored`
    pictures count as real ones, too."""

    hole: float
    mirrored: bool = False

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        if self.mirrored:
            batch = mirrored(batch, draws)
        return Batch(batch.real, without(batch.real, self.missing(batch.real, draws.sized(len(batch)))))

    def missing(self, pictures: Tensor, draws: Draws) -> Tensor:
        """Which pixels of pictures [n, channels, height, width] are cut out, [n, 1, height, width]."""
        sides = pictures.shape[2:]
        side = max(round(self.hole * min(sides)), 1)
        places = draws.at("hole").uniform(2).double().unbind(1)
        corners = [(place * (length - side + 1)).long() for place, length in zip(places, sides, strict=True)]
        down, across = (
            ((steps := torch.arange(length, device=pictures.device)) >= corner[:, None])
            & (steps < corner[:, None] + side)
            for length, corner in zip(sides, corners, strict=True)
        )
        return (down[:, :, None] & across[:, None, :])[:, None]


def without(pictures: Tensor, missing: Tensor) -> Tensor:
    """Pictures [n, channels, height, width] without what is missing, and a channel that says what is."""
    return torch.cat([pictures.masked_fill(missing, 0.0), missing.to(pictures.dtype)], 1)


@dataclass(frozen=True)
class Missing(DerivedConditions):
    """Conditions that are made by `SquareMissing` or, of a user's picture, by its transparent parts."""

    view: SquareMissing

    def parse(self, word: str, files: Files) -> Tensor:
        """Pictures in a file or folder; where none of a picture is transparent, a square is cut out."""
        light, dark = (np.array(files(word, self.data.domain, background=colour)) for colour in ("white", "black"))
        pictures = self.data.domain.encode(torch.from_numpy(light))
        through = np.abs(light.astype(np.int16) - dark).mean(axis=3)  # 255 where the background shows
        missing = torch.from_numpy(through > 127)[:, None]
        square = self.view.missing(pictures, Draws(0, 0, 0, len(pictures)))
        return without(pictures, torch.where(missing.any((1, 2, 3))[:, None, None, None], missing, square))
