"""WGAN-GP: a critic that estimates the earth mover's distance, kept steep by a gradient penalty."""

from __future__ import annotations

from typing import Annotated

from pydantic import PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.nets.conv import ConvDiscriminator, ConvGenerator
from ganwright.recipes._two_player import Rules, two_player
from ganwright.recipes.dcgan import Norm, picture_shape

DATA = "digits"
RULES = Rules(
    loss="wasserstein",
    penalty="gradient-penalty",
    penalty_weight=10.0,
    batch=32,
    generator_rate=1e-4,
    discriminator_rate=1e-4,
    beta1=0.0,
    beta2=0.9,
    schedule="linear",
    discriminator_times=5,
    average=5_000,
)


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "numbers in a latent; the paper has 128"] = 128,
    width: Annotated[PositiveInt, "channels at the coarsest resolution; DCGAN's size is 512"] = 128,
    critic_width: Annotated[PositiveInt | None, "the critic's own width"] = None,
    depth: Annotated[PositiveInt, "convolutions at each of the generator's resolutions"] = 1,
    critic_depth: Annotated[PositiveInt, "convolutions at each of the critic's"] = 1,
    norm: Annotated[Norm, "the generator's normalisation"] = "batch",
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """WGAN-GP (Gulrajani et al. 2017, algorithm 1), for pictures of any size from 8 up.

    The critic takes five turns a round, has no normalisation, and is held to slope 1 between real and fake samples;
    Adam (0, .9). Its loss, minus the estimated distance, says how far the samples have come.
    """
    shape = picture_shape(data, "wgan-gp")
    return two_player(
        data,
        generator or ConvGenerator(latent, shape, width, depth, norm),
        discriminator or ConvDiscriminator(shape, critic_width or width, critic_depth, "none"),
        Latent(latent),
        rules,
        images=100_000,
    )
