"""The contract's case of wgan-gp."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"width": 4, "batch": 4}


def data(as_source: bool) -> Data:
    return pictures(channels=3)
