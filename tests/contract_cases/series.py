"""The contract's case of series."""

from conftest import series
from ganwright.core.data import Data

OPTIONS = {"latent": 3, "noise": 2, "width": 4, "discriminator_width": 4, "batch": 8}
VARIANTS = {
    "lstm": {"generator": "lstm", "discriminator": "lstm", "steps_per_cell": 2},
    "gru": {"generator": "gru", "discriminator": "gru", "turns": "alternating"},
}


def data(as_source: bool) -> Data:
    return series(steps=8)
