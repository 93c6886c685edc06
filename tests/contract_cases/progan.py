"""The contract's case of progan: three steps in two levels, so that a run is resumed between them."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {"width": 4, "finest_width": 4, "batch": 4, "latent": 4}


def data(as_source: bool) -> Data:
    return pictures(size=8)
