"""The contract's case of dcgan."""

from conftest import pictures
from ganwright.core.data import Data

TRACED = {"width": 4, "depth": 1, "batch": 4}
TRACED_AS_SOURCE = None  # the matrices of FFT convolutions belong to no player


def data(as_source: bool) -> Data:
    return pictures(size=28 if as_source else 8)
