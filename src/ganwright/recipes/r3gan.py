"""R3GAN: pairs of a real and a fake sample, penalties on both, and nothing else (Huang et al. 2024)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Annotated, Any, Literal

from pydantic import PositiveInt
from torch import nn

from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.nets.conditional import ConditionalGenerator, ProjectionDiscriminator
from ganwright.nets.conv import ConvDiscriminator, ConvGenerator, UnshuffleDown, conv_trunk, resolutions
from ganwright.nets.initial import he_first
from ganwright.nets.residual import ResidualDiscriminator, ResidualGenerator
from ganwright.recipes._convolutional import DOUBLINGS, Shape, Upsampling, picture_shape
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "digits"

Pair = tuple[nn.Module, nn.Module]
Kind = Literal["plain", "published"]

RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_every=8,
    batch=32,
    generator_lr=None,
    discriminator_lr=None,
    beta1=0.0,
    beta2=0.99,
    lr_schedule="cosine",
    turns="simultaneous",
    ema_half_life=5_000,
)

# The options on a GPU unless told otherwise: the paper's block, its schedules, and its sizes for 32x32 pictures.
ON_GPU: dict[str, Any] = {
    "block": "published",
    "width": 768,
    "penalty_every": 1,
    "penalty_end": 0.1,
    "penalty_schedule": "cosine",
    "batch": 512,
    "generator_lr": 2e-4,
    "discriminator_lr": 2e-4,
    "lr_end": 0.25,
    "beta1": 0.0,
    "beta2": 0.9,
    "beta2_end": 0.99,
    "turns": "alternating",
    "draw": "fresh",
    "ema_half_life": 500_000.0,
    "ema_rampup": True,
}


@dataclass(frozen=True)
class Players:
    """Both players' networks."""

    latent: Annotated[PositiveInt, "numbers in a latent"] = 64
    block: Annotated[Kind, "plain: convolutions, batch norm in the generator; published: the paper's"] = "plain"
    width: Annotated[PositiveInt, "channels at the coarsest resolution"] = 64
    blocks: Annotated[PositiveInt, "blocks, or the plain networks' convolutions, at each resolution"] = 2
    upsampling: Annotated[Upsampling, "of the plain generator: nearest pixels or transposed convolutions"] = "nearest"
    embedding: Annotated[PositiveInt, "numbers that stand for a class"] = 32
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None


PLAYERS = Players()
SMALL = 28 * 28  # numbers in a picture, up to which the rates are the highest


def recipe(
    data: Data,
    *,
    conditional: Annotated[bool, "tell the players each picture's class"] = False,
    players: Players = PLAYERS,
    rules: Rules = RULES,
) -> Recipe:
    """R3GAN, for pictures of any size from 8 up, with or without classes: the recipe of pictures that is taken unasked.

    The discriminator scores a real picture against a fake one, pair by pair, and is held by the penalties R1 and R2;
    there is no other remedy. On a processor the networks are plain convolutions, on a GPU those of the paper.

    What to expect of `ganwright train --data mnist --minutes 5` on a two-core machine (AMD EPYC): 173,000 pictures, all
    ten digits, Fréchet distance 58 by the LeNet of benchmarks/yardstick.py, 10,000 samples, seed 0 (real against real
    13.8). On a GPU nothing was trained yet.
    """
    shape = picture_shape(data)
    labels = Labels.of_data(data, "r3gan --conditional") if conditional else None
    generator, discriminator = _MAKERS[players.block](shape, players, len(labels.classes) if labels else 0)
    return two_player(
        data,
        players.generator or generator,
        players.discriminator or discriminator,
        Latent(players.latent),
        sized(rules, shape),
        examples=_HORIZONS[players.block](data),
        condition=labels,
    )


def sized(rules: Rules, shape: Shape) -> Rules:
    """The rules with the penalties' usual weight and the usual rates for such pictures, unless others are given."""
    weighable = rules.penalty_weight is None and rules.penalty in ("r1", "r2", "r1-r2")
    return replace(
        rules,
        generator_lr=rules.generator_lr or default_lr(shape),
        discriminator_lr=rules.discriminator_lr or default_lr(shape),
        penalty_weight=gamma(shape) if weighable else rules.penalty_weight,
    )


def default_lr(shape: Shape) -> float:
    """Both players' usual learning rate: 3e-3, and less by the root of the numbers in a picture above 28x28.

    With 3e-3 pictures of 32x32 in colour were farther from real ones than with 1.5e-3 (docs/measurements.md).
    """
    return float(3e-3 * min(1.0, SMALL / prod(shape)) ** 0.5)


def gamma(shape: Shape) -> float:
    """The penalties' weight at first: 1.5 (pixels / 64^2)^1.6.

    It goes through the paper's presets, whose weights of one size lie up to 3.2 times apart: .05 and .5 at 32x32 (the
    rule: .16), 1 and 2 at 64x64 (1.5), 150 at 256x256 (127).
    """
    return float(1.5 * (shape[1] * shape[2] / 64**2) ** 1.6)


def widths(width: int, levels: int) -> list[int]:
    """Channels from coarse to fine: the same at the four coarsest resolutions, then half at each (the paper)."""
    return [max(width >> max(level - 3, 0), 1) for level in range(levels)]


def _published(shape: Shape, players: Players, classes: int) -> Pair:
    sizes = widths(players.width, len(resolutions(*shape[1:])))
    return (
        ResidualGenerator(players.latent, shape, sizes, players.blocks, classes=classes),
        ResidualDiscriminator(shape, sizes, players.blocks, classes=classes),
    )


def _plain(shape: Shape, players: Players, classes: int) -> Pair:
    latent, width, depth = players.latent, players.width, players.blocks
    inputs = latent + (players.embedding if classes else 0)
    doubling = DOUBLINGS[players.upsampling]
    inner = he_first(ConvGenerator(inputs, shape, width, depth, doubling=doubling))
    if not classes:
        return inner, he_first(ConvDiscriminator(shape, width, depth, first=UnshuffleDown))
    trunk, features = conv_trunk(shape, width, depth, first=UnshuffleDown)
    generator = ConditionalGenerator(inner, classes, players.embedding)
    return generator, ProjectionDiscriminator(he_first(trunk), features, classes)


_MAKERS = {"plain": _plain, "published": _published}


def _plain_horizon(data: Data) -> int:
    """Sixty epochs, but 100,000 images at least, and 240,000 at most: eight minutes of 28x28 on one thread."""
    return min(max(60 * len(data), 100_000), 240_000)


_HORIZONS: dict[Kind, Callable[[Data], int]] = {"plain": _plain_horizon, "published": lambda data: 20_000_000}
