"""Differentiable augmentation (DiffAugment): all inputs of the discriminator are recoloured, shifted and cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganwright.core.draws import Draws

SHIFT = 1 / 8  # of a side: the maximum shift
CUT = 1 / 2  # of a side: the square that is cut out


@dataclass(frozen=True)
class Diffaugment:
    """Zhao et al. 2020, the policy "color,translation,cutout", always applied, in this order.

    Called with pictures [n, channels, height, width] in [-1, 1] and draws of n rows. Pixels from outside and those cut
    out are 0, a middle grey. Saturation does not change grey pictures.
    """

    def __call__(self, pictures: Tensor, draws: Draws) -> Tensor:
        brightness, saturation, contrast, *positions = draws.uniform(7).to(pictures.dtype).t()  # each [n], on [0, 1)
        return shifted_and_cut(recoloured(pictures, brightness, saturation, contrast), *positions)

    def observe(self, margin: Tensor) -> dict[str, Tensor]:
        """No effect: the augmentation does not adapt."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """No effect: there is no state."""

    def __str__(self) -> str:
        return "DiffAugment: the discriminator's inputs are recoloured, shifted and cut"


def recoloured(pictures: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor) -> Tensor:
    """Brightness + U(-.5, .5); saturation x U(0, 2) about each pixel's mean; contrast x U(.5, 1.5) about the picture's.

    The three are [n], uniform on [0, 1).
    """
    pictures = pictures + _each(brightness - 0.5)
    grey = pictures.mean(1, keepdim=True)
    pictures = grey + (pictures - grey) * _each(2 * saturation)
    mean = pictures.mean((1, 2, 3), keepdim=True)
    return mean + (pictures - mean) * _each(contrast + 0.5)


def shifted_and_cut(pictures: Tensor, down: Tensor, right: Tensor, middle_y: Tensor, middle_x: Tensor) -> Tensor:
    """Shifts by integers up to an eighth of each side, then cuts out a rectangle of half the sides.

    The four are [n], uniform on [0, 1): the shifts, and the centre of the cut.
    """
    n, channels, height, width = pictures.shape
    rows, columns = ShiftedAxis.of(height, down, middle_y), ShiftedAxis.of(width, right, middle_x)
    sources = rows.sources[:, :, None] * width + columns.sources[:, None, :]  # [n, height, width]
    inside = rows.inside[:, :, None] & columns.inside[:, None, :]
    visible = inside & ~(rows.cut[:, :, None] & columns.cut[:, None, :])
    shifted = pictures.flatten(2).gather(2, sources.view(n, 1, -1).expand(-1, channels, -1)).view(pictures.shape)
    return shifted * visible.unsqueeze(1)


class ShiftedAxis(NamedTuple):
    """One axis of shifted pictures, [n, size] each: the source of a pixel, whether it is inside, whether it is cut."""

    sources: Tensor
    inside: Tensor
    cut: Tensor

    @classmethod
    def of(cls, size: int, shift: Tensor, middle: Tensor) -> ShiftedAxis:
        most, side = int(SHIFT * size + 0.5), int(CUT * size + 0.5)  # halves up, as in the authors' code
        pixels = torch.arange(size, device=shift.device)
        sources = pixels + most - (shift * (2 * most + 1)).long()[:, None]
        offset = pixels - (middle * (size + 1 - side % 2)).long()[:, None] + side // 2  # from the cut's first pixel
        return cls(sources.clamp(0, size - 1), (sources >= 0) & (sources < size), (offset >= 0) & (offset < side))


def _each(numbers: Tensor) -> Tensor:
    """[n] as [n, 1, 1, 1]."""
    return numbers.view(-1, 1, 1, 1)
