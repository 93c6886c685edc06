"""The contract's case of cyclegan."""

from conftest import pairs
from ganwright.core.data import Data

OPTIONS = {"width": 4, "blocks": 1, "discriminator_width": 4, "pool_size": 6}


def data(as_source: bool) -> Data:
    return pairs(channels=3)
