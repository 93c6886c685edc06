"""218 features of grey pictures of more than 28x28: grey28 of the whole, and texture of four tiles.

A Fréchet distance in these features is `fd_grey28_tiles`, not FID. It uses the weights of grey28 and none of its own.
"""

from __future__ import annotations

from ganwright.features import grey28
from ganwright.features._tiled import Tiled, Units

LAYERS = 6  # until 7x7: 64 channels, each of which sees 22 pixels
UNITS = Units(texture=0.125, texture_middle=0.3, energy=8.0, colour=16.0)


def load() -> Tiled:
    """Loads the packaged weights of grey28; raises UserError if they are damaged."""
    return Tiled("grey28_tiles", grey28.load(), LAYERS, UNITS)
