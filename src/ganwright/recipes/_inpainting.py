"""Images with missing parts as conditions, with one more channel as the mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganwright.augmentations._mirror import mirrored
from ganwright.core.batch import Batch
from ganwright.core.condition import DerivedConditions, Files, NamedConditions
from ganwright.core.draws import Draws


@dataclass(frozen=True)
class SquareMask:
    """A view whose conditions lack a square at a random position; its side is `size` times the shorter side.

    With `mirrored`, half of the images are flipped.
    """

    size: float
    mirrored: bool = False

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        if self.mirrored:
            batch = mirrored(batch, draws)
        return Batch(batch.real, masked(batch.real, self.mask(batch.real, draws.sized(len(batch)))))

    def mask(self, pictures: Tensor, draws: Draws) -> Tensor:
        """The missing pixels of images [n, channels, height, width], bool [n, 1, height, width]."""
        sides = pictures.shape[2:]
        side = max(round(self.size * min(sides)), 1)
        places = draws.at("hole").uniform(2).double().unbind(1)
        corners = [(place * (length - side + 1)).long() for place, length in zip(places, sides, strict=True)]
        down, across = (
            ((indices := torch.arange(length, device=pictures.device)) >= corner[:, None])
            & (indices < corner[:, None] + side)
            for length, corner in zip(sides, corners, strict=True)
        )
        return (down[:, :, None] & across[:, None, :])[:, None]


def masked(pictures: Tensor, missing: Tensor) -> Tensor:
    """Images [n, channels, height, width] with missing pixels set to 0, and the mask as one more channel."""
    return torch.cat([pictures.masked_fill(missing, 0.0), missing.to(pictures.dtype)], 1)


@dataclass(frozen=True)
class InpaintingConditions(DerivedConditions):
    """Conditions masked by `SquareMask` or, for a user's image, by its transparency."""

    view: SquareMask

    @property
    def one_sample_each(self) -> bool:
        """Images are named after their files."""
        return True

    def example(self, source: str) -> str:
        return self.data.domain.example(source)

    def parse(self, word: str, files: Files) -> NamedConditions:
        """Images of a file or folder; an image without transparent pixels lacks a square."""
        colours = (files(word, self.data.domain, background=colour) for colour in ("white", "black"))
        light, dark = (np.array(found.samples) for found in colours)
        pictures = self.data.domain.encode(torch.from_numpy(light))
        transparency = np.abs(light.astype(np.int16) - dark).mean(axis=3)  # 0 to 255
        missing = torch.from_numpy(transparency > 127)[:, None]
        square = self.view.mask(pictures, Draws(0, 0, 0, len(pictures)))
        return NamedConditions(
            masked(pictures, torch.where(missing.any((1, 2, 3))[:, None, None, None], missing, square))
        )
