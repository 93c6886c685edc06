"""The contract's case of sound."""

from ganwright.core.data import Data
from ganwright.data import drums
from ganwright.recipes.sound import PRESETS

PUBLISHED = {name: value for name, value in PRESETS["published"].items() if name != "examples"}
SMALL = {"latent": 4, "width": 4, "discriminator_width": 4, "batch": 4}
OPTIONS = {**SMALL, "conditional": True}
VARIANTS = {"published": {**PUBLISHED, **SMALL, "discriminator_updates": 2}}


def data(as_source: bool) -> Data:
    return drums.load(count=48, length=300)
