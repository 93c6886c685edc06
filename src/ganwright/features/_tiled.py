"""Features of a shrunk picture beside those of tiles at its own resolution: structure and texture in one vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ganwright.core.metric import Array
from ganwright.features import _spectra
from ganwright.features._classified import Classified, in_range
from ganwright.features._pictures import check, chunks, mean_levels, tiles

CHUNK = 32  # pictures of four tiles each
MIDDLE = 15.0  # decibels that become 0, as kernels of features need
TILES = "4, around the centres of the picture's quarters, at its own resolution; a side below a tile's is enlarged"
ENERGIES = (
    "decibels of energies in 5 x 5 bands of frequency, nearest to multiples of 1/8 cycles per pixel, of brightness "
    "(RGB: and of R - B and R - G), Hann window, mean over tiles, with noise of 2 grey levels (R - B, R - G: 4) added"
)


@dataclass(frozen=True)
class Units:
    """By what the parts are divided, so that real pictures vary about as much in each part as in the whole's."""

    texture: float  # of the early layers' means
    texture_middle: float  # of these means, subtracted before
    energy: float  # decibels
    colour: float  # grey levels


class Tiled:
    """Features (core/features.py) that see texture of pictures larger than a network's input; on the CPU, in float32.

    Beside each other stand the features of the whole picture, shrunk to the input of the network `whole`; the means
    over four tiles of its first `layers` blocks' outputs; the log energies of those tiles in bands of frequency; and
    the mean brightness and colours of the picture. Each is a function of one picture alone.
    """

    def __init__(self, name: str, whole: Classified, layers: int, units: Units) -> None:
        self.name = name
        self._whole, self._units = whole, units
        self._early = _first(whole.network.features, layers)
        side, planes = whole.side, whole.channels
        texture = self._early(torch.zeros(1, planes, side, side)).shape[1]
        early = f"means of the outputs of its first {layers} blocks, less {units.texture_middle:g}"
        parts = {
            f"{whole.name} of the picture shrunk to {side}x{side}": whole.size,
            f"{early}, in units of {units.texture:g}": texture,
            f"log energies less {MIDDLE:g}, in units of {units.energy:g} decibels": planes * _spectra.BANDS**2,
            f"mean brightness and colours, in units of {units.colour:g} grey levels": planes,
        }
        self.size: int = sum(parts.values())
        self.protocol: dict[str, Any] = whole.protocol | {
            "name": name,
            "parts": parts,
            "tiles": f"of {side}x{side}: {TILES}",
            "log energies": ENERGIES,
        }

    @torch.no_grad()
    def __call__(self, pictures: Array) -> Array:
        """uint8 [n, height, width, 1 or 3] to features float32 [n, size]; raises UserError for other arrays."""
        check(pictures)
        of_tiles: Array = np.concatenate([self._of_tiles(chunk) for chunk in chunks(pictures, CHUNK)])
        return np.concatenate([self._whole(pictures), of_tiles[: len(pictures)]], axis=1)

    def _of_tiles(self, pictures: Array) -> Array:
        """All but the features of the whole, float32 [n, size - whole.size]."""
        cut = tiles(pictures, self._whole.channels, self._whole.side)
        inputs = in_range(cut.flatten(0, 1)).contiguous(memory_format=torch.channels_last)
        texture = self._early(inputs).unflatten(0, cut.shape[:2]).mean((1, 3, 4))
        energies = _spectra.log_energies(_spectra.planes(cut))
        colours = _spectra.planes(mean_levels(pictures, self._whole.channels) - 127.5).flatten(1)
        scaled = (
            (texture - self._units.texture_middle) / self._units.texture,
            (energies - MIDDLE) / self._units.energy,
            colours / self._units.colour,
        )
        return torch.cat(scaled, dim=1).numpy()


def _first(features: nn.Module, layers: int) -> nn.Sequential:
    """The first blocks of a network, whose outputs are [n, channels, height, width]."""
    assert isinstance(features, nn.Sequential)
    return nn.Sequential(*list(features)[:layers])
