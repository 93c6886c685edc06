"""Stacked MNIST by the Unrolled-GAN protocol: a test for mode collapse with a thousand modes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.domains.images import Images
from ganwright.nets.stacked import StackedDiscriminator, StackedGenerator
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "stacked-mnist"
RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.025,
    penalty_every=4,
    batch=128,
    generator_lr=5e-4,
    discriminator_lr=4.5e-3,
    beta1=0.5,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=20_000,
    discriminator_updates=2,
)


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "latent dimension"] = 256,
    discriminator_share: Annotated[float, Field(gt=0, le=1), "discriminator channels over generator channels"] = 0.5,
    discriminator_batch_norm: Annotated[bool, "batch norm in the discriminator, as in the protocol"] = False,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """Stacked MNIST with the small networks of the Unrolled-GAN protocol (Metz et al. 2017).

    The discriminator has half of the generator's channels (`--discriminator-share 0.25` for the harder case).

    Results of `ganwright train --data stacked-mnist`: 256,000 examples in about 400 s on one thread of a busy two-core
    machine (AMD EPYC), means of three seeds, 25,600 samples classified by a LeNet (benchmarks/papers/stacked_mnist.py);
    960 of the 1,000 modes, KL to the uniform distribution 0.59 (real data: 1,000 and 0.025); with a quarter of the
    channels 894 and 0.88. The images are crude: strokes and some digits.
    """
    data.require(Images(28, 28, 3), "stacked-mnist", "try the recipe dcgan")
    return two_player(
        data,
        generator or StackedGenerator(latent),
        discriminator or StackedDiscriminator(discriminator_share, discriminator_batch_norm),
        Latent(latent),
        rules,
        examples=256_000,
    )
