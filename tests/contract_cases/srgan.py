"""The contract's case of srgan."""

from conftest import pictures
from ganwright.core.data import Data

OPTIONS = {
    "scale": 2,
    "crop_size": 8,
    "width": 4,
    "blocks": 1,
    "discriminator_width": 2,
    "pixel_share": 0.6,
}


def data(as_source: bool) -> Data:
    return pictures(size=12, channels=3)
