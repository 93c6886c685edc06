"""The contract's case of series."""

from conftest import series
from ganwright.core.data import Data

OPTIONS = {"latent": 3, "noise": 2, "width": 4, "discriminator_width": 4, "batch": 8}
RECURRENT = {"generator": "lstm", "discriminator": "gru", "steps_per_cell": 2, "turns": "alternating"}
VARIANTS = {"recurrent": RECURRENT}


def data(as_source: bool) -> Data:
    return series(steps=8)
