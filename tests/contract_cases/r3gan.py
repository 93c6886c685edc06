"""The contract's case of r3gan: the paper's block and schedules at a small size."""

from conftest import pictures
from ganwright.core.data import Data
from ganwright.recipes.r3gan import PRESETS

PUBLISHED = {name: value for name, value in PRESETS["published"].items() if name != "examples"}
OPTIONS = {**PUBLISHED, "width": 16, "blocks": 1, "batch": 16}
TRACED = {"width": 4, "batch": 4, "beta2_end": None}  # graph capture makes beta2 a constant


def data(as_source: bool) -> Data:
    return pictures()
