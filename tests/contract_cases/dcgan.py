"""The contract's case of dcgan."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"width": 4, "depth": 1, "batch": 4}


def data(as_source: bool) -> Data:
    return pictures(size=28 if as_source else 8)
