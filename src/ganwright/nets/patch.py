"""PatchGAN (Isola et al. 2017): a discriminator that scores every patch of an image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganwright.core.errors import UserError
from ganwright.nets.conv import Down, channels_last
from ganwright.nets.initial import normal_kernels
from ganwright.nets.unet import instance_norm

MAX_WIDTH = 8  # maximum of channels over `width`


def receptive_field(halvings: int) -> int:
    """Side of a score's patch, in pixels: 16, 34, 70, 142, ... for 1, 2, 3, 4 halvings."""
    return (9 << halvings) - 2


def halvings(pixels: int | None, smaller_side: int) -> int:
    """The number of halvings for patches of `pixels`, or by default for the largest of 16, 34 and 70 that fits.

    The default is at least 16. A UserError for an unsupported patch size.
    """
    known = {receptive_field(count): count for count in range(1, 8) if smaller_side >> count > 2}
    if pixels is None:
        return max((count for size, count in known.items() if size <= min(smaller_side, 70)), default=1)
    if pixels not in known:
        supported = ", ".join(map(str, known)) or "none"
        raise UserError(f"Images of {smaller_side} pixels support patches of {supported} pixels, not {pixels}.")
    return known[pixels]


class PatchDiscriminator(nn.Module):
    """Maps images [n, inputs, height, width] to scores [n, 1, rows, columns], one for each patch.

    A condition of the same height and width is concatenated to the image's channels; `inputs` counts both. With
    instance norm, as published, samples do not interact, so penalties are allowed.
    """

    def __init__(self, inputs: int, width: int = 64, halvings: int = 3, norm: bool = True, slope: float = 0.2) -> None:
        super().__init__()
        widths = [min(width << level, MAX_WIDTH * width) for level in range(halvings + 1)]
        layers: list[nn.Module] = []
        for level, outputs in enumerate(widths):
            before = widths[level - 1] if level else inputs
            layers.append(Down(before, outputs) if level < halvings else nn.Conv2d(before, outputs, 4, padding=1))
            layers += [instance_norm(outputs)] if norm and level else []
            layers.append(nn.LeakyReLU(slope))
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, padding=1))
        normal_kernels(self)
        channels_last(self)

    def forward(self, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
        scores: Tensor = self.layers(pictures if condition is None else torch.cat([pictures, condition], 1))
        return scores
