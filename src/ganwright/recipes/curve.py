"""A GAN of points in the plane: the curve y = x^2 + 5, or any points of the user's own."""

from __future__ import annotations

from functools import partial

from torch.optim import Adam

from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.order import Epochs
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe, Showing
from ganwright.core.turn import Stage, Turn
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.log_probability import LogProbability
from ganwright.nets.source import curve_discriminator, curve_generator
from ganwright.recipes._points import Points, points

DATA = "curve"
SOURCE_DATA = "curve"


def recipe(data: Data, *, players: Points = Points()) -> Recipe:  # noqa: B008 - frozen
    """Points in the plane."""
    return points(data, players, images=1_000_000)


def as_source(data: Data) -> Recipe:
    """The classic two-dimensional program, to the letter."""
    make = partial(Player, optimizer=partial(Adam, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True))
    game = TwoPlayer(make(curve_generator()), make(curve_discriminator()), LogProbability(), Latent(2, "uniform"))
    turns = Turn(("discriminator",), game.discriminator_terms), Turn(("generator",), game.generator_terms)
    epoch = len(data)
    showing = Showing(every=250 * epoch, first=epoch)
    return Recipe(data, game, (Stage(turns),), Epochs(32, reshuffle=False), 5000 * epoch, showing)
