"""The contract's case of pix2pix."""

from conftest import pairs
from ganwright.core.data import Data

OPTIONS = {"width": 4, "discriminator_width": 4}


def data(as_source: bool) -> Data:
    return pairs()
