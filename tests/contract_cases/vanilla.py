"""The contract's case of vanilla."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"generator_sizes": (4,), "discriminator_sizes": (4,), "batch": 8}


def data(as_source: bool) -> Data:
    return pictures(size=28 if as_source else 8)
