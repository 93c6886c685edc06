"""A GAN of series: LSTM, GRU and convolutional players, for the sines of TimeGAN or the user's series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Literal

import torch
from pydantic import NonNegativeFloat, PositiveInt
from torch import Tensor, nn

from ganwright.auxiliary_losses.moments import Moments
from ganwright.core.condition import Condition, DataConditions, Unconditional
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.domains.series import Series
from ganwright.nets.series_discriminator import ConvFeatures, RecurrentFeatures, SeriesDiscriminator, SeriesFeatures
from ganwright.nets.series_generator import MakeBody, SeriesGenerator, latents_of
from ganwright.nets.temporal_generator import ConvBody, RecurrentBody
from ganwright.recipes._continuations import Continuations
from ganwright.recipes._two_player import Rules, two_player

FOR = "series"
DATA = "sines"
EXAMPLES = 400_000  # the default horizon
MOMENTS = 0.1  # weight
Kind = Literal["conv", "lstm", "gru"]


@dataclass(frozen=True)
class SeriesNetworks:
    """Both players' networks, by their kinds, or the user's own."""

    generator: Annotated[Kind | nn.Module, "generator: convolutional or recurrent"] = "conv"
    discriminator: Annotated[Kind | nn.Module, "discriminator: convolutional or recurrent"] = "conv"
    latent: Annotated[PositiveInt, "latent dimension of a series"] = 32
    noise: Annotated[PositiveInt, "further latent dimension of each time step"] = 4
    width: Annotated[PositiveInt, "the generator's channels, or size of its recurrent state"] = 32
    discriminator_width: Annotated[PositiveInt, "the discriminator's channels, or size of its recurrent state"] = 64
    layers: Annotated[PositiveInt, "layers of a recurrent network"] = 1
    steps_per_cell: Annotated[PositiveInt, "time steps that a cell of a recurrent generator makes"] = 1


NETWORKS = SeriesNetworks()
RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.3,
    penalty_end=0.1,
    penalty_every=8,
    batch=64,
    turns="simultaneous",
    generator_lr=1e-3,
    discriminator_lr=1e-3,
    beta1=0.0,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=10_000,
)


def recipe(
    data: Data,
    *,
    networks: SeriesNetworks = NETWORKS,
    rules: Rules = RULES,
    moment_weight: Annotated[NonNegativeFloat, "weight of matching means and variances at each time step"] = MOMENTS,
) -> Recipe:
    """Series of numbers and categories, of one length or several, with static features."""
    domain, condition = data.require(Series), condition_of(data)
    shape = () if data.condition_domain is None else data.condition_domain.shape
    size = latents_of(domain, networks.latent, networks.noise)
    generator, discriminator = make_generator(networks, domain, shape), make_discriminator(networks, domain, shape)
    losses = [Moments(moment_weight, partial(elements, domain))] if moment_weight else []
    made = two_player(
        data,
        generator,
        discriminator,
        Latent(size),
        rules,
        EXAMPLES,
        condition=condition,
        auxiliary_losses=losses,
    )
    return replace(made, display=DisplayConfig(renderer=Continuations(made.game))) if domain.given else made


def elements(domain: Series, encoded: Tensor) -> Tensor:
    """The features and flags at each time step of encoded series, and their attributes once: [n, elements]."""
    features, flag, attributes = torch.split(encoded, domain.channels, 2)
    return torch.cat([features.flatten(1), flag.flatten(1), attributes[:, 0]], 1)


def condition_of(data: Data) -> Condition:
    """The static features or given time steps that series are drawn under, if there are any."""
    return Unconditional() if data.conditions is None else DataConditions(data)


def make_generator(networks: SeriesNetworks, domain: Series, condition: tuple[int, ...]) -> nn.Module:
    """The generator by its kind; a user's own is returned unchanged."""
    if isinstance(networks.generator, nn.Module):
        return networks.generator
    if networks.steps_per_cell > 1 and networks.generator == "conv":
        raise UserError("--steps-per-cell is an option of --generator lstm and gru.")
    if networks.steps_per_cell > domain.steps:
        raise UserError(
            f"--steps-per-cell {networks.steps_per_cell} is more than the {domain.steps} steps of a series."
        )
    recurrent = {"layers": networks.layers, "steps_per_cell": networks.steps_per_cell}
    bodies: dict[Kind, MakeBody] = {
        "conv": partial(ConvBody, width=networks.width),
        "lstm": partial(RecurrentBody, width=networks.width, cell="lstm", **recurrent),
        "gru": partial(RecurrentBody, width=networks.width, cell="gru", **recurrent),
    }
    return SeriesGenerator(domain, bodies[networks.generator], networks.latent, networks.noise, condition)


def make_discriminator(networks: SeriesNetworks, domain: Series, condition: tuple[int, ...]) -> nn.Module:
    """The discriminator by its kind; a user's own is returned unchanged."""
    if isinstance(networks.discriminator, nn.Module):
        return networks.discriminator
    steps, channels = domain.shape
    static = condition[0] if len(condition) == 1 else 0
    inputs = channels + static
    width, layers = networks.discriminator_width, networks.layers
    features: dict[Kind, Callable[[], SeriesFeatures]] = {
        "conv": lambda: ConvFeatures(inputs, steps, width),
        "lstm": lambda: RecurrentFeatures(inputs, width, "lstm", layers),
        "gru": lambda: RecurrentFeatures(inputs, width, "gru", layers),
    }
    return SeriesDiscriminator(features[networks.discriminator](), domain, static)
