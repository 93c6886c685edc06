"""The contract's case of lapgan: two levels."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"levels": 2, "latent": 4, "hidden": 8, "width": 4, "noise": 1, "batch": 4}


def data(as_source: bool) -> Data:
    return pictures(size=8)
