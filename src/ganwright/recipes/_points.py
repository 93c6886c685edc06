"""What the recipes of points have in common: two dense networks and their latent."""

from __future__ import annotations

from pydantic import PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.recipes._two_player import Rules, two_player

Sizes = tuple[PositiveInt, ...]


def points(
    data: Data,
    latent: int,
    sizes: tuple[Sizes, Sizes],
    networks: tuple[nn.Module | None, nn.Module | None],
    rules: Rules,
    images: int,
) -> Recipe:
    """A recipe of points; `sizes` and `networks` are the generator's and the discriminator's."""
    shape = data.domain.shape
    if len(shape) != 1:
        raise UserError(
            f"This recipe is for points, and {data.name} has {data.domain.describe()}: try the recipe "
            f"{data.domain.usual_recipe}."
        )
    generator = networks[0] or MlpGenerator(latent, shape, sizes[0], slope=0.0)
    discriminator = networks[1] or MlpDiscriminator(shape, sizes[1])
    return two_player(data, generator, discriminator, Latent(latent), rules, images)
