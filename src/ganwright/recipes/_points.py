"""Options and builders that the recipes of points share: two dense networks and their latent."""

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
from ganwright.domains.points import Points
from ganwright.nets.fourier import FourierDiscriminator, FourierFeatures
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.recipes._two_player import Rules, two_player

Sizes = tuple[PositiveInt, ...]
Share = Annotated[float, Field(ge=0, le=1)]
POINT_RULES = Rules(
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

    latent: Annotated[PositiveInt, "latent dimension"] = 2
    generator_sizes: Annotated[Sizes, "the generator's hidden layer sizes"] = (128, 128, 128)
    discriminator_sizes: Annotated[Sizes, "the discriminator's hidden layer sizes"] = (128, 128, 128)
    gain: Annotated[PositiveFloat | None, "gain of the hidden layers' initial weights; none: torch's"] = None
    fourier_features: Annotated[NonNegativeInt, "random Fourier features of the discriminator; 0 disables them"] = 0
    longest_wavelength: Annotated[PositiveFloat, "longest wavelength, in standard deviations of the data"] = 8.0
    shortest_wavelength: Annotated[PositiveFloat, "shortest wavelength, in standard deviations of the data"] = 0.05
    initial_frequencies: Annotated[Share, "share of the log-frequency range enabled at the start"] = 0.3
    frequency_schedule: Annotated[
        tuple[Share, Share], "begin and end of the interval that enables the rest, in shares of the run"
    ] = (0.1, 0.6)
    samples_first: Annotated[bool, "initialise the weights on the points as if there were no Fourier features"] = False
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None


# Fewer samples fall between two modes when the generator is steeper there, and depth multiplies slopes.
DEEP = DenseNetworks(generator_sizes=(128,) * 6, gain=math.sqrt(2))
# Fourier features let the discriminator learn the width of a mode.
FOURIER = replace(DEEP, fourier_features=64)


def points(data: Data, networks: DenseNetworks, rules: Rules, examples: int) -> Recipe:
    """The recipe of dense networks for points, with a horizon of `examples`; a UserError for other data."""
    shape = data.require(Points).shape
    generator = networks.generator or MlpGenerator(
        networks.latent, shape, networks.generator_sizes, slope=0.0, gain=networks.gain
    )
    discriminator = networks.discriminator or make_discriminator(networks, shape)
    schedules = [
        window_schedule(module, networks) for module in discriminator.modules() if isinstance(module, FourierFeatures)
    ]
    return two_player(data, generator, discriminator, Latent(networks.latent), rules, examples, schedules=schedules)


def make_discriminator(networks: DenseNetworks, shape: tuple[int, ...]) -> nn.Module:
    """Dense layers, on Fourier features where there are any; a UserError for an empty range of wavelengths."""
    if networks.fourier_features == 0:
        return MlpDiscriminator(shape, networks.discriminator_sizes, gain=networks.gain)
    longest, shortest = networks.longest_wavelength, networks.shortest_wavelength
    if shortest >= longest:
        raise UserError(f"--shortest-wavelength {shortest:g} must be below --longest-wavelength {longest:g}.")
    sizes, gain = networks.discriminator_sizes, networks.gain
    count = networks.fourier_features
    return FourierDiscriminator(shape[0], count, longest, shortest, sizes, gain, networks.samples_first)


def window_schedule(features: FourierFeatures, networks: DenseNetworks) -> Schedule:
    """Enables the frequencies from low to high: the generator finds every mode first, then its width."""
    first, (begin, end) = networks.initial_frequencies, networks.frequency_schedule
    if begin >= end:
        raise UserError(f"--frequency-schedule must begin before it ends, not {begin:g},{end:g}.")

    def set_to(progress: float) -> None:
        passed = (progress - begin) / (end - begin)
        features.set_window(first + (1 - first) * min(max(passed, 0.0), 1.0))

    return set_to
