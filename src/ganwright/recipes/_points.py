"""What the recipes of points have in common: two dense networks and their latent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import PositiveFloat, PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.recipes._two_player import Rules, two_player

Sizes = tuple[PositiveInt, ...]
USUAL = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_every=4,
    batch=256,
    generator_rate=3e-3,
    discriminator_rate=3e-3,
    beta1=0.0,
    beta2=0.99,
    schedule="cosine",
    average=20_000,
)


@dataclass(frozen=True)
class Networks:
    """Dense networks by their sizes, or the user's own."""

    latent: Annotated[PositiveInt, "numbers in a latent"] = 2
    generator_sizes: Annotated[Sizes, "the generator's hidden layers"] = (128, 128, 128)
    discriminator_sizes: Annotated[Sizes, "the discriminator's hidden layers"] = (128, 128, 128)
    gain: Annotated[PositiveFloat | None, "of the hidden layers' first weights; none leaves torch's"] = None
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None


# What lies between two modes shrinks as the generator's steps get steeper, and depth lets them multiply.
DEEP = Networks(generator_sizes=(128,) * 6, gain=math.sqrt(2))


def points(data: Data, networks: Networks, rules: Rules, images: int) -> Recipe:
    """A recipe of points, with a horizon of so many of them."""
    shape = data.domain.shape
    if len(shape) != 1:
        raise UserError(
            f"This recipe is for points, and {data.name} has {data.domain.describe()}: try the recipe "
            f"{data.domain.usual_recipe}."
        )
    generator = networks.generator or MlpGenerator(
        networks.latent, shape, networks.generator_sizes, slope=0.0, gain=networks.gain
    )
    discriminator = networks.discriminator or MlpDiscriminator(shape, networks.discriminator_sizes, gain=networks.gain)
    return two_player(data, generator, discriminator, Latent(networks.latent), rules, images)
