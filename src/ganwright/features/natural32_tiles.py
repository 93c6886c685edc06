"""366 features of colour pictures of more than 32x32: natural32 of the whole, and texture and colour of four tiles.

A Fréchet distance in these features is `fd_natural32_tiles`, not FID. It uses the weights of natural32 and none of its
own.
"""

from __future__ import annotations

from ganwright.features import natural32
from ganwright.features._tiled import Tiled, Units

LAYERS = 5  # until 8x8: 96 channels, each of which sees 21 pixels
UNITS = Units(texture=0.5, texture_middle=0.0, energy=16.0, colour=32.0)


def load() -> Tiled:
    """Loads the packaged weights of natural32; raises UserError if they are damaged."""
    return Tiled("natural32_tiles", natural32.load(), LAYERS, UNITS)
