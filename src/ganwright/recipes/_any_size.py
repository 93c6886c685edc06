"""Generators of pictures from pictures, applied to pictures of any size."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.games.two_player import TwoPlayer, evaluating

MAX_PIXELS = 2**24  # of a picture that a generator gets as a whole: some gigabytes of feature maps


@dataclass(frozen=True)
class OwnSize:
    """Samples of a picture's own size, from a game whose generator was trained on `height` x `width` pixels.

    A convolutional generator, which has `for_size(height, width)`, gets the picture as a whole, as pix2pix is applied
    to larger pictures (Isola et al. 2017, section 3.2); one of fixed size gets it in tiles. Edge pixels are repeated
    below and to the right of a picture that is smaller, or that tiles do not fill, and this margin is cut off again.
    """

    game: TwoPlayer
    height: int
    width: int

    def __call__(self, condition: Tensor, draws: Draws) -> Tensor:
        height, width = condition.shape[2:]
        if height * width > MAX_PIXELS:
            raise UserError(
                f"A picture of {height}x{width} has {height * width / 1e6:.0f} million pixels, more than the "
                f"{MAX_PIXELS / 1e6:.0f} million that are generated at once: make it smaller, or cut it."
            )
        padded = _padded(condition, *self._sides(height, width))
        if padded.shape[2:] == (self.height, self.width):
            made = self.game.sample(draws, padded)
        else:
            made = (self._whole if self._convolutional else self._in_tiles)(padded, draws)
        return made[..., :height, :width]

    def changes(self, height: int, width: int) -> tuple[str, ...]:
        if (height, width) == (self.height, self.width):
            return ()
        trained, sides = f"the generator was trained on {self.height}x{self.width}", self._sides(height, width)
        padded = () if sides == (height, width) else (f"padded (to {sides[0]}x{sides[1]})",)
        if self._convolutional or sides == (self.height, self.width):
            return *padded, f"made as a whole; {trained}"
        count = sides[0] * sides[1] // (self.height * self.width)
        return *padded, f"made from tiles, whose seams may show; {trained} ({count:,} tiles)"

    @property
    def _network(self) -> nn.Module:
        return self.game.players["generator"].sampling_network

    @property
    def _convolutional(self) -> bool:
        return hasattr(self._network, "for_size")

    def _sides(self, height: int, width: int) -> tuple[int, int]:
        """The size that the generator gets: at least that of the training, or whole tiles."""
        if self._convolutional:
            return max(height, self.height), max(width, self.width)
        return -(-height // self.height) * self.height, -(-width // self.width) * self.width

    @torch.no_grad()
    def _whole(self, condition: Tensor, draws: Draws) -> Tensor:
        resized = self._network.for_size(*condition.shape[2:])  # type: ignore[operator]
        latent = getattr(resized, "latent", self.game.latent)
        with evaluating(resized) as generator:
            made: Tensor = generator(latent(draws), self.game.network_condition(condition))
        return made

    def _in_tiles(self, condition: Tensor, draws: Draws) -> Tensor:
        strips = [torch.split(strip, self.width, 3) for strip in torch.split(condition, self.height, 2)]
        return torch.cat([torch.cat([self.game.sample(draws, tile) for tile in tiles], 3) for tiles in strips], 2)


def _padded(pictures: Tensor, height: int, width: int) -> Tensor:
    """Pictures [n, channels, h, w] with their edge pixels repeated to a size."""
    margin = 0, width - pictures.shape[3], 0, height - pictures.shape[2]
    return F.pad(pictures, margin, mode="replicate") if any(margin) else pictures
