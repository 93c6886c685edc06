"""The contract's case of stacked-mnist."""

from torch import nn

from conftest import pictures
from ganwright.core.data import Data

TRACED = {
    "batch": 4,
    "generator": nn.Sequential(nn.Linear(256, 3 * 28 * 28), nn.Tanh(), nn.Unflatten(1, (3, 28, 28))),
    "discriminator": nn.Sequential(nn.Conv2d(3, 2, 5, 4), nn.Flatten(), nn.Linear(72, 1), nn.Flatten(0)),
}


def data(as_source: bool) -> Data:
    return pictures(size=28, channels=3)
