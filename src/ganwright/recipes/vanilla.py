"""The vanilla GAN: two multilayer perceptrons (Goodfellow et al. 2014)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from pydantic import PositiveInt
from torch import nn
from torch.optim import Adam

from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.order import Epochs
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.turn import Stage, Turn
from ganwright.domains.images import Images
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.nets.source import vanilla_discriminator, vanilla_generator
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "digits"
SOURCE_DATA = "mnist"
RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.5,
    penalty_every=8,
    batch=64,
    generator_lr=4e-3,
    discriminator_lr=4e-3,
    beta1=0.5,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=5_000,
)
SOURCE_HELD_OUT = 5_000  # the TensorFlow 1 loader holds out the first 5,000 of MNIST's 60,000


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "latent dimension"] = 64,
    generator_sizes: Annotated[tuple[PositiveInt, ...], "the generator's hidden layer sizes"] = (256, 512),
    discriminator_sizes: Annotated[tuple[PositiveInt, ...], "the discriminator's hidden layer sizes"] = (512, 256),
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """The vanilla GAN, two multilayer perceptrons, with remedies against mode collapse.

    The remedies are a relativistic pairing loss with lazy R1 and R2 penalties, batch norm in the generator, learning
    rates with cosine decay, and EMA of the weights.

    Results of `ganwright train vanilla --data mnist`: 420,000 examples in 320 s on one thread of a busy two-core
    machine (AMD EPYC); all ten digits; Fréchet distance 205 by the LeNet of
    benchmarks/lenet_distance.py, 10,000 samples (real against real 13.8); one seed.
    """
    shape = data.domain.shape
    return two_player(
        data,
        generator or MlpGenerator(latent, shape, generator_sizes, batch_norm=True, bounded=data.domain.bounded),
        discriminator or MlpDiscriminator(shape, discriminator_sizes),
        Latent(latent),
        rules,
        examples=400_000,
    )


def as_source(data: Data) -> Recipe:
    """The classic TensorFlow 1 program, reproduced: 100-128-128-784 against 784-128-128-1 on 55,000 digits.

    Uniform latents, real labels 0.9, Adam 1e-3 for both, the discriminator's update and then the generator's on the
    same latents, batches of 100, 100 epochs. Each epoch one sample from a new latent is saved; at the end the first and
    last are shown side by side. The program collapses to a few digits.
    """
    data.require(
        Images(28, 28, 1), "vanilla --as-source", "set --size 28x28 --grey, use --data mnist, or omit --as-source"
    )
    part = data if len(data) != 60_000 else without_first(data, SOURCE_HELD_OUT)
    make = partial(Player, optimizer=partial(Adam, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True))
    game = TwoPlayer(
        make(vanilla_generator()), make(vanilla_discriminator()), NonSaturating(real_label=0.9), Latent(100, "uniform")
    )
    turns = Turn(("discriminator",), game.discriminator_terms), Turn(("generator",), game.generator_terms)
    epoch = len(part)
    display = DisplayConfig(every=epoch, samples=1, new_latents=True)
    return Recipe(part, game, (Stage(turns),), Epochs(100), 100 * epoch, display)


def without_first(data: Data, count: int) -> Data:
    """The data without its first samples and their labels."""
    labels = None if data.labels is None else data.labels[count:]
    return replace(data, samples=data.samples[count:], labels=labels)
