"""The contract's case of text."""

import numpy as np

from ganwright.core.data import Data
from ganwright.domains.strings import Strings

OPTIONS = {"latent": 3, "width": 6, "discriminator_width": 4, "batch": 8}
VARIANTS = {
    "lstm": {"generator": "lstm", "discriminator": "lstm", "outputs": "gumbel-softmax", "temperature_end": 0.5},
    "conv": {"generator": "conv", "discriminator": "conv", "outputs": "softmax", "conditional": True, "blocks": 1},
}


def data(as_source: bool) -> Data:
    codes = np.array([[0, 1, 3], [1, 2, 0], [2, 3, 3]], dtype=np.int16)
    rows = np.random.default_rng(0).integers(3, size=48)
    return Data("syllables", Strings(("a", "b", "c"), 3), codes[rows], rows, ("ab", "bca", "c"))
