"""The contract's case of stacked-mnist."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"batch": 4}


def data(as_source: bool) -> Data:
    return pictures(size=28, channels=3)
