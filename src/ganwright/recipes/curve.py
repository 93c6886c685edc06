"""A GAN of points in the plane: the curve y = x^2 + 5, or the user's points."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from torch.optim import Adam

from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.order import Epochs
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.turn import Stage, Turn
from ganwright.domains.points import Points
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.log_probability import LogProbability
from ganwright.nets.source import curve_discriminator, curve_generator
from ganwright.recipes._points import POINT_RULES, DenseNetworks, points
from ganwright.recipes._two_player import Rules

FOR = "points"
DATA = "curve"
SOURCE_DATA = "curve"
RULES = replace(POINT_RULES, penalty_weight=0.1, penalty_every=1, batch=128, generator_lr=1e-3, discriminator_lr=1e-3)
NETWORKS = DenseNetworks()


def recipe(data: Data, *, networks: DenseNetworks = NETWORKS, rules: Rules = RULES) -> Recipe:
    """Points in the plane: the curve y = x^2 + 5, or the user's points.

    Results of `ganwright train curve`: 400,000 examples in 38 to 132 s on one thread of a busy two-core machine (AMD
    EPYC). The sliced Wasserstein distance of 1,000 samples to fresh real points was 1.23 to 1.47 times that between two
    real sets (five seeds, means of 20 draws; benchmarks/points.py).
    """
    return points(data, networks, rules, examples=400_000)


def as_source(data: Data) -> Recipe:
    """The classic two-dimensional program, reproduced: 2-10-10-2 against 2-10-10-1 on 1,000 points of the curve.

    Uniform latents, equations 2 and 3 on sigmoid outputs, Adam 1e-3 for both, the discriminator's update and then the
    generator's on the same latents. The points are shuffled once and split into 31 batches of 32 and one of 8; 5,000
    epochs. Real and generated points are plotted after epochs 0, 250, ... 4750 and 4999.
    """
    make = partial(Player, optimizer=partial(Adam, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True))
    game = TwoPlayer(make(curve_generator()), make(curve_discriminator()), LogProbability(), Latent(2, "uniform"))
    turns = Turn(("discriminator",), game.discriminator_terms), Turn(("generator",), game.generator_terms)
    epoch = len(data)
    display = DisplayConfig(every=250 * epoch, first=epoch)
    data = replace(data, domain=Points.plain(2))  # the program does not standardise
    return Recipe(data, game, (Stage(turns),), Epochs(32, reshuffle=False), 5000 * epoch, display)
