"""DRAGAN with an SRResNet generator, as used for anime characters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import NonNegativeInt, PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.nets.residual_discriminator import AnimeDiscriminator
from ganwright.nets.srresnet_generator import SrresnetGenerator
from ganwright.recipes._convolutional import picture_shape
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "digits"
RULES = Rules(
    loss="non-saturating",
    penalty="dragan",
    penalty_weight=10.0,
    batch=16,
    generator_lr=1e-3,
    discriminator_lr=1e-3,
    beta1=0.5,
    beta2=0.9,
    lr_schedule="linear",
    discriminator_updates=3,
    ema_half_life=5_000,
)

PRESETS: dict[str, dict[str, Any]] = {
    "published-networks": {
        "latent": 128,
        "width": 64,
        "blocks": 16,
        "last_kernel_size": 9,
        "discriminator_width": 32,
        "discriminator_blocks": 2,
    }
}


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "latent dimension"] = 128,
    width: Annotated[PositiveInt, "generator channels"] = 16,
    blocks: Annotated[PositiveInt, "generator residual blocks"] = 4,
    last_kernel_size: Annotated[PositiveInt, "kernel size of the generator's last convolution"] = 5,
    discriminator_width: Annotated[PositiveInt, "discriminator channels at half the size"] = 16,
    discriminator_blocks: Annotated[NonNegativeInt, "discriminator blocks per resolution"] = 0,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """DRAGAN (Kodali et al. 2017, algorithm 1) with an SRResNet generator, for images of any size from 8 up.

    The penalty regularises the discriminator to slope 1 around real images. The discriminator has three updates per
    step; with one, the generator collapses. The loss is that of the original GAN. The networks follow Jin et al. 2017,
    who generate anime characters; `--preset published-networks` sets their sizes, which need a GPU and have not been
    trained.

    Results of `ganwright train dragan --data fashion-mnist --examples 40000`: 265 s on one thread of a two-core machine
    (AMD EPYC) beside two other runs; all ten classes; fd_grey28 25.3 on 10,000 samples (real against real 0.1), one
    seed. At 64x64 the defaults were not trained for as long (benchmarks/results/pictures.md).
    """
    shape = picture_shape(data)
    return two_player(
        data,
        generator or SrresnetGenerator(latent, shape, width, blocks, last_kernel_size),
        discriminator or AnimeDiscriminator(shape, discriminator_width, discriminator_blocks),
        Latent(latent),
        rules,
        examples=100_000,
    )
