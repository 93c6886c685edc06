"""The deep convolutional GAN (Radford et al. 2016)."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from torch.optim import Adam

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.order import Epochs
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.turn import Stage, Turn
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.nets.source import dcgan_discriminator, dcgan_generator
from ganwright.recipes._convolutional import (
    CONDITIONING,
    NETWORKS,
    Conditioning,
    ConditioningOptions,
    ConvNetworks,
    conditional,
    picture_shape,
    unconditional,
)
from ganwright.recipes._sizes import nearest_size
from ganwright.recipes._two_player import Rules

FOR = "pictures"
DATA = "digits"
SOURCE_DATA = "mnist"

RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.5,
    penalty_every=8,
    batch=32,
    generator_lr=3e-3,
    discriminator_lr=3e-3,
    beta1=0.5,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=5_000,
)


def recipe(
    data: Data,
    *,
    networks: ConvNetworks = NETWORKS,
    conditioning: Annotated[Conditioning | None, "class conditioning, and how the discriminator uses the class"] = None,
    conditioning_options: ConditioningOptions = CONDITIONING,
    rules: Rules = RULES,
) -> Recipe:
    """The deep convolutional GAN, for images of any size from 8 up, with or without classes.

    Relativistic pairing loss with lazy R1 and R2 penalties (R3GAN, Huang et al. 2024), batch norm in the generator
    only, learning rates with cosine decay, EMA of the weights.

    Results of `ganwright train dcgan --data mnist`: 120,000 examples in 210 s on one thread of an idle two-core machine
    (AMD EPYC); all ten digits; Fréchet distance 188 and 210 with two seeds by the LeNet of
    benchmarks/lenet_distance.py, 10,000 samples (real against real 13.8).
    """
    if conditioning is None:
        return unconditional(data, networks, rules, examples=120_000)
    name = "dcgan --conditioning"
    return conditional(data, networks, conditioning, conditioning_options, rules, examples=120_000, recipe=name)


def as_source(data: Data) -> Recipe:
    """Keras's DCGAN tutorial, reproduced: 2.3 million parameters against 0.2 million on 28x28 digits.

    One forward pass updates both players; Adam 1e-4 (eps 1e-7), batches of 256 (the last of an epoch has 96 real images
    and 256 generated ones), 60 epochs. Before training, the networks are summarised, and an untrained sample is
    displayed with the discriminator's decision. 16 fixed latents are displayed every epoch, and every fifth
    checkpoint is permanent. Images of other sizes and colours get the same layers.
    """
    shape = picture_shape(data)
    if shape[1] % 4 or shape[2] % 4:
        raise UserError(
            f"dcgan --as-source needs pictures whose sides are multiples of 4, but {data.name} has "
            f"{data.domain.describe()}; the nearest size that fits is {nearest_size(*shape[1:], 4)}, or omit "
            "--as-source."
        )
    make = partial(Player, optimizer=partial(Adam, lr=1e-4, betas=(0.9, 0.999), eps=1e-7, fused=True))
    game = TwoPlayer(make(dcgan_generator(shape)), make(dcgan_discriminator(shape)), NonSaturating(), Latent(100))
    turn = Turn(("discriminator", "generator"), game.simultaneous_terms)
    display = DisplayConfig(every=len(data), samples=16, keep_every=5 * len(data), summaries=True)
    return Recipe(data, game, (Stage((turn,)),), Epochs(256, full_fakes=True), 60 * len(data), display)
