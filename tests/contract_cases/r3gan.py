"""The contract's case of r3gan: the paper's block and schedules at a small size."""

from conftest import pictures
from ganwright.core.data import Data
from ganwright.recipes.r3gan import PRESETS

PUBLISHED = {name: value for name, value in PRESETS["published"].items() if name != "examples"}
OPTIONS = {**PUBLISHED, "width": 4, "blocks": 1, "batch": 4}
VARIANTS = {"constant beta2": {"beta2_end": None}, "plain": {"block": "plain", "beta2_end": None}}


def data(as_source: bool) -> Data:
    return pictures()
