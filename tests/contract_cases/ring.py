"""The contract's case of ring."""

from conftest import points
from ganwright.core.data import Data

OPTIONS = {"generator_sizes": (4,), "discriminator_sizes": (4,), "batch": 8}


def data(as_source: bool) -> Data:
    return points()
