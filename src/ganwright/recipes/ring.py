"""A GAN of the ring of eight Gaussians, the classic test for lost modes (Metz et al. 2017)."""

from __future__ import annotations

from typing import Annotated

from pydantic import PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.recipe import Recipe
from ganwright.recipes._points import Sizes, points
from ganwright.recipes._two_player import Rules

DATA = "ring"
RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=2e-4,
    penalty_every=4,
    batch=256,
    generator_rate=3e-3,
    discriminator_rate=3e-3,
    beta1=0.0,
    beta2=0.99,
    schedule="cosine",
    average=20_000,
)


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "numbers in a latent"] = 2,
    generator_sizes: Annotated[Sizes, "the generator's hidden layers"] = (128, 128, 128),
    discriminator_sizes: Annotated[Sizes, "the discriminator's hidden layers"] = (128, 128, 128),
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """The ring of eight Gaussians."""
    sizes, networks = (generator_sizes, discriminator_sizes), (generator, discriminator)
    return points(data, latent, sizes, networks, rules, images=1_200_000)
