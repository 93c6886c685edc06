"""DiffAugment: every picture that the discriminator sees is recoloured, moved and cut, real or fake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganwright.core.draws import Draws

MOVED = 1 / 8  # of a side: how far a picture is moved at most
CUT = 1 / 2  # of a side: the square that is cut out


@dataclass(frozen=True)
class Diffaugment:
    """Zhao et al. 2020, the policy "color,translation,cutout", always applied, in this order.

    Called with pictures [n, channels, height, width] in [-1, 1] and a draw of n rows. What comes in from outside, and
    what is cut out, is 0, a middle grey. For grey pictures saturation changes nothing.
    """

    def __call__(self, pictures: Tensor, draws: Draws) -> Tensor:
        brightness, saturation, contrast, *places = draws.uniform(7).to(pictures.dtype).t()  # each [n], on [0, 1)
        return moved_and_cut(recoloured(pictures, brightness, saturation, contrast), *places)

    def told(self, margin: Tensor) -> dict[str, Tensor]:
        """Nothing depends on how well the discriminator does."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """There is nothing to remember."""

    def __str__(self) -> str:
        return "DiffAugment: every picture that the discriminator sees is recoloured, moved and cut"


def recoloured(pictures: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor) -> Tensor:
    """Brightness + U(-.5, .5); saturation x U(0, 2) about each pixel's mean; contrast x U(.5, 1.5) about the picture's.

    The three are [n], uniform on [0, 1).
    """
    pictures = pictures + _each(brightness - 0.5)
    grey = pictures.mean(1, keepdim=True)
    pictures = grey + (pictures - grey) * _each(2 * saturation)
    mean = pictures.mean((1, 2, 3), keepdim=True)
    return mean + (pictures - mean) * _each(contrast + 0.5)


def moved_and_cut(pictures: Tensor, down: Tensor, right: Tensor, middle_y: Tensor, middle_x: Tensor) -> Tensor:
    """Moved by whole pixels, up to an eighth of each side; then a rectangle of half the sides is cut out.

    The four are [n], uniform on [0, 1): how far a picture is moved, and where the middle of the cut lies.
    """
    n, channels, height, width = pictures.shape
    rows, columns = ShiftedAxis.of(height, down, middle_y), ShiftedAxis.of(width, right, middle_x)
    places = rows.places[:, :, None] * width + columns.places[:, None, :]  # [n, height, width]
    inside = rows.inside[:, :, None] & columns.inside[:, None, :]
    seen = inside & ~(rows.cut[:, :, None] & columns.cut[:, None, :])
    moved = pictures.flatten(2).gather(2, places.view(n, 1, -1).expand(-1, channels, -1)).view(pictures.shape)
    return moved * seen.unsqueeze(1)


class ShiftedAxis(NamedTuple):
    """One axis of moved pictures, [n, size] each: where a pixel comes from, whether from inside, whether it is cut."""

    places: Tensor
    inside: Tensor
    cut: Tensor

    @classmethod
    def of(cls, size: int, moved: Tensor, middle: Tensor) -> ShiftedAxis:
        most, side = round(MOVED * size), int(CUT * size + 0.5)
        pixels = torch.arange(size, device=moved.device)
        places = pixels + most - (moved * (2 * most + 1)).long()[:, None]
        after = pixels - (middle * (size + 1 - side % 2)).long()[:, None] + side // 2  # the cut's first pixel
        return cls(places.clamp(0, size - 1), (places >= 0) & (places < size), (after >= 0) & (after < side))


def _each(numbers: Tensor) -> Tensor:
    """[n] as [n, 1, 1, 1]."""
    return numbers.view(-1, 1, 1, 1)
