"""What the recipes of points have in common: two dense networks and their latent."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt
from torch import nn

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Schedule
from ganwright.nets.fourier import FourierDiscriminator, Waves
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.recipes._two_player import Rules, two_player

Sizes = tuple[PositiveInt, ...]
Share = Annotated[float, Field(ge=0, le=1)]
USUAL = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_every=4,
    batch=256,
    generator_lr=3e-3,
    discriminator_lr=3e-3,
    beta1=0.0,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=20_000,
)


@dataclass(frozen=True)
class DenseNetworks:
    """Dense networks by their sizes, or the user's own."""

    latent: Annotated[PositiveInt, "numbers in a latent"] = 2
    generator_sizes: Annotated[Sizes, "the generator's hidden layers"] = (128, 128, 128)
    discriminator_sizes: Annotated[Sizes, "the discriminator's hidden layers"] = (128, 128, 128)
    gain: Annotated[PositiveFloat | None, "of the hidden layers' first weights; none leaves torch's"] = None
    waves: Annotated[NonNegativeInt, "sines and cosines that the discriminator sees beside the points; 0 for none"] = 0
    longest_wave: Annotated[PositiveFloat, "the longest wavelength, in the data's standard deviations"] = 8.0
    shortest_wave: Annotated[PositiveFloat, "the shortest; it is let in last"] = 0.05
    open_at_first: Annotated[Share, "share of their frequencies, on a logarithmic scale, that is let in at once"] = 0.3
    opening: Annotated[tuple[Share, Share], "shares of the run between which the others are let in"] = (0.1, 0.6)
    samples_first: Annotated[bool, "the weights on the points themselves start as if there were no waves"] = False
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None


# What lies between two modes shrinks as the generator's steps get steeper, and depth lets them multiply.
DEEP = DenseNetworks(generator_sizes=(128,) * 6, gain=math.sqrt(2))
# Waves let the discriminator see how wide a mode is.
SHARP = replace(DEEP, waves=64)


def points(data: Data, networks: DenseNetworks, rules: Rules, examples: int) -> Recipe:
    """A recipe of points, with a horizon of so many of them."""
    shape = data.domain.shape
    if len(shape) != 1:
        raise UserError(
            f"This recipe is for points, and {data.name} has {data.domain.describe()}: try the recipe "
            f"{data.domain.default_recipe}."
        )
    generator = networks.generator or MlpGenerator(
        networks.latent, shape, networks.generator_sizes, slope=0.0, gain=networks.gain
    )
    discriminator = networks.discriminator or the_discriminator(networks, shape)
    schedules = [opening(module, networks) for module in discriminator.modules() if isinstance(module, Waves)]
    return two_player(data, generator, discriminator, Latent(networks.latent), rules, examples, schedules=schedules)


def the_discriminator(networks: DenseNetworks, shape: tuple[int, ...]) -> nn.Module:
    """Dense layers, on waves where there are to be any."""
    if networks.waves == 0:
        return MlpDiscriminator(shape, networks.discriminator_sizes, gain=networks.gain)
    longest, shortest = networks.longest_wave, networks.shortest_wave
    if shortest >= longest:
        raise UserError(f"--shortest-wave {shortest:g} is to be below --longest-wave {longest:g}.")
    sizes, gain = networks.discriminator_sizes, networks.gain
    return FourierDiscriminator(shape[0], networks.waves, longest, shortest, sizes, gain, networks.samples_first)


def opening(waves: Waves, networks: DenseNetworks) -> Schedule:
    """Lets the waves in from coarse to fine: first every mode is found, then how wide it is."""
    first, (begin, end) = networks.open_at_first, networks.opening
    if begin >= end:
        raise UserError(f"--opening is to begin before it ends, not {begin:g},{end:g}.")

    def set_to(progress: float) -> None:
        passed = (progress - begin) / (end - begin)
        waves.open(first + (1 - first) * min(max(passed, 0.0), 1.0))

    return set_to
