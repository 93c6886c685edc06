"""The contract's case of r3gan: the paper's block and schedules, as on a GPU, made small."""

from conftest import pictures
from ganwright.core.data import Data
from ganwright.recipes.r3gan import ON_GPU

OPTIONS = {**ON_GPU, "width": 16, "blocks": 1, "batch": 16}
TRACED = {"width": 4, "batch": 4, "beta2_end": None}  # a graph would hold the second decay fast


def data(as_source: bool) -> Data:
    return pictures()
