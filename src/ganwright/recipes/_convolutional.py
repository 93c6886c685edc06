"""What the recipes of convolutional players share: their networks as options, and how a class is told to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from pydantic import NonNegativeFloat, PositiveInt
from torch import nn

from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.games.classifying import Classifying
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.conditional import (
    ClassifyingDiscriminator,
    ConcatenationDiscriminator,
    ConditionalGenerator,
    ProjectionDiscriminator,
)
from ganwright.nets.conv import ConvDiscriminator, ConvGenerator, Doubling, NearestUp, Up, conv_trunk
from ganwright.recipes._two_player import Rules, two_player

Norm = Literal["batch", "layer", "none"]
Upsampling = Literal["transposed", "nearest"]
Conditioning = Literal["projection", "concatenation", "auxiliary-classifier"]
Shape = tuple[int, int, int]

DOUBLINGS: dict[Upsampling, Doubling] = {"transposed": Up, "nearest": NearestUp}


@dataclass(frozen=True)
class ConvNetworks:
    """Both players' networks."""

    latent: Annotated[PositiveInt, "numbers in a latent"] = 64
    width: Annotated[PositiveInt, "channels at the coarsest resolution"] = 64
    discriminator_width: Annotated[PositiveInt | None, "the discriminator's own width"] = None
    depth: Annotated[PositiveInt, "convolutions at each of the generator's resolutions"] = 2
    discriminator_depth: Annotated[PositiveInt, "convolutions at each of the discriminator's"] = 1
    norm: Annotated[Norm, "the generator's normalisation"] = "batch"
    discriminator_norm: Annotated[Norm, "the discriminator's normalisation"] = "none"
    upsampling: Annotated[Upsampling, "transposed convolutions, or nearest pixels that are convolved"] = "transposed"
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None

    def made(self, shape: Shape) -> tuple[nn.Module, nn.Module]:
        """A generator and a discriminator of pictures [n, *shape]."""
        generator = self.generator or self.generating(self.latent, shape)
        return generator, self.discriminator or ConvDiscriminator(shape, *self.discriminating)

    def generating(self, inputs: int, shape: Shape) -> ConvGenerator:
        """A generator of pictures from so many numbers."""
        return ConvGenerator(inputs, shape, self.width, self.depth, self.norm, doubling=DOUBLINGS[self.upsampling])

    @property
    def discriminating(self) -> tuple[int, int, str]:
        """Width, depth and norm of the discriminator."""
        return self.discriminator_width or self.width, self.discriminator_depth, self.discriminator_norm


@dataclass(frozen=True)
class ConditioningOptions:
    """How the players are told a class."""

    embedding: Annotated[PositiveInt, "numbers that the generator gets of a class"] = 32
    class_weight: Annotated[NonNegativeFloat, "weight of an auxiliary classifier's loss"] = 1.0


NETWORKS, CONDITIONING = ConvNetworks(), ConditioningOptions()


def unconditional(data: Data, networks: ConvNetworks, rules: Rules, examples: int) -> Recipe:
    """Convolutional players, with a horizon of so many images."""
    generator, discriminator = networks.made(picture_shape(data))
    return two_player(data, generator, discriminator, Latent(networks.latent), rules, examples)


def conditional(
    data: Data,
    networks: ConvNetworks,
    told: Conditioning,
    conditioning_options: ConditioningOptions,
    rules: Rules,
    examples: int,
    recipe: str,
) -> Recipe:
    """Convolutional players that are told the class; networks from Python are called as `network(x, condition)`."""
    shape, labels = picture_shape(data), Labels.of_data(data, recipe)
    classes = len(labels.classes)
    inner = networks.generating(networks.latent + conditioning_options.embedding, shape)
    generator = networks.generator or ConditionalGenerator(inner, classes, conditioning_options.embedding)
    make, kind = _TOLD[told]
    discriminator = networks.discriminator or make(shape, networks.discriminating, classes)
    return two_player(
        data,
        generator,
        discriminator,
        Latent(networks.latent),
        rules,
        examples,
        condition=labels,
        kind=kind(conditioning_options),
    )


def _projection(shape: Shape, sizes: tuple[int, int, str], classes: int) -> nn.Module:
    return ProjectionDiscriminator(*conv_trunk(shape, *sizes), classes)


def _concatenation(shape: Shape, sizes: tuple[int, int, str], classes: int) -> nn.Module:
    inner = ConvDiscriminator((shape[0] + 1, *shape[1:]), *sizes)
    return ConcatenationDiscriminator(inner, classes, shape[1:])


def _classifying(shape: Shape, sizes: tuple[int, int, str], classes: int) -> nn.Module:
    return ClassifyingDiscriminator(*conv_trunk(shape, *sizes), classes)


MakeDiscriminator = Callable[[Shape, tuple[int, int, str], int], nn.Module]
Kind = Callable[[ConditioningOptions], Callable[..., TwoPlayer]]
_TOLD: dict[Conditioning, tuple[MakeDiscriminator, Kind]] = {
    "projection": (_projection, lambda conditioning_options: TwoPlayer),
    "concatenation": (_concatenation, lambda conditioning_options: TwoPlayer),
    "auxiliary-classifier": (
        _classifying,
        lambda conditioning_options: partial(Classifying, class_weight=conditioning_options.class_weight),
    ),
}


def picture_shape(data: Data) -> Shape:
    """Channels, height, width; a UserError for data that are no pictures."""
    if len(data.domain.shape) != 3:
        raise UserError(
            f"This recipe is for pictures, and {data.name} has {data.domain.describe()}: try the recipe "
            f"{data.domain.default_recipe}."
        )
    channels, height, width = data.domain.shape
    return channels, height, width
