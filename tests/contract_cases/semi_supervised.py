"""The contract's case of semi-supervised."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"labels": 20, "width": 4, "features": 16, "generator_width": 8, "batch": 12, "labelled_batch": 4}


def data(as_source: bool) -> Data:
    return pictures()
