"""R3GAN: a relativistic pairing loss with R1 and R2 penalties (Huang et al. 2024)."""

from __future__ import annotations

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

# The paper's block and schedules, with sizes for 32x32 images; the penalty weight is that of `gamma`.
PRESETS: dict[str, dict[str, Any]] = {
    "published": {
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
        "ema_half_life": 5_000_000.0,
        "ema_rampup": True,
        "examples": 20_000_000,
    }
}


@dataclass(frozen=True)
class Players:
    """Both players' networks."""

    latent: Annotated[PositiveInt, "latent dimension"] = 64
    block: Annotated[Kind, "plain: convolutions, batch norm in the generator; published: the paper's"] = "plain"
    width: Annotated[PositiveInt, "channels at the coarsest resolution"] = 64
    blocks: Annotated[PositiveInt, "blocks, or the plain networks' convolutions, per resolution"] = 2
    upsampling: Annotated[Upsampling, "the plain generator's upsampling: nearest or transposed"] = "nearest"
    embedding: Annotated[PositiveInt, "dimension of the class embedding"] = 32
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None


PLAYERS = Players()
FULL_LR_SIZE = 28 * 28  # numbers in an image, up to which the default learning rate is the highest


def recipe(
    data: Data,
    *,
    conditional: Annotated[bool, "condition both players on the class"] = False,
    players: Players = PLAYERS,
    rules: Rules = RULES,
) -> Recipe:
    """R3GAN, the default recipe for images, of any size from 8 up, with or without classes.

    The loss compares a real and a fake image pair by pair, and the penalties R1 and R2 regularise the discriminator.
    The networks are plain convolutions. `--preset published` sets the paper's networks and schedules for 32x32 images,
    but not its augmentation; it needs a GPU, and has not been trained.

    Results of `ganwright train --data mnist --minutes 5` on a two-core machine (AMD EPYC): 173,000 examples; all ten
    digits; Fréchet distance 58 by the LeNet of benchmarks/lenet_distance.py, 10,000 samples, seed 0 (real against real
    13.8).
    """
    shape = picture_shape(data)
    labels = Labels.of_data(data, "r3gan --conditional") if conditional else None
    generator, discriminator = _MAKERS[players.block](shape, players, len(labels.classes) if labels else 0)
    return two_player(
        data,
        players.generator or generator,
        players.discriminator or discriminator,
        Latent(players.latent),
        resolved(rules, shape),
        examples=horizon(data),
        condition=labels,
    )


def resolved(rules: Rules, shape: Shape) -> Rules:
    """The rules with the default penalty weight and learning rates for images of a shape, where these are None."""
    default_weight = rules.penalty_weight is None and rules.penalty in ("r1", "r2", "r1-r2")
    return replace(
        rules,
        generator_lr=rules.generator_lr or default_lr(shape),
        discriminator_lr=rules.discriminator_lr or default_lr(shape),
        penalty_weight=gamma(shape) if default_weight else rules.penalty_weight,
    )


def default_lr(shape: Shape) -> float:
    """Both players' default learning rate: 3e-3 sqrt(784 / numbers in an image), and at most 3e-3.

    At 3e-3, the distance for 32x32 colour images was larger than at 1.5e-3 (benchmarks/results/pictures.md).
    """
    return float(3e-3 * min(1.0, FULL_LR_SIZE / prod(shape)) ** 0.5)


def gamma(shape: Shape) -> float:
    """The initial penalty weight: 1.5 (pixels / 64^2)^1.6.

    A fit to the paper's presets within a factor of 3.2: .05 and .5 at 32x32 (fit: .16), 1 and 2 at 64x64 (1.5), 150 at
    256x256 (127).
    """
    return float(1.5 * (shape[1] * shape[2] / 64**2) ** 1.6)


def widths(width: int, levels: int) -> list[int]:
    """Channels from coarse to fine: constant at the four coarsest resolutions, then halved at each (the paper)."""
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


def horizon(data: Data) -> int:
    """The default horizon: sixty epochs, within 100,000 to 240,000 examples.

    240,000 of 28x28 take eight minutes on one thread of a CPU.
    """
    return min(max(60 * len(data), 100_000), 240_000)
