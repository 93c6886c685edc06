"""Options and builders that the recipes of convolutional networks share, with and without classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import NonNegativeFloat, PositiveInt
from torch import nn

from ganwright.auxiliary_losses.class_labels import ClassLabels
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.domains.images import Images
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

    latent: Annotated[PositiveInt, "latent dimension"] = 64
    width: Annotated[PositiveInt, "channels at the coarsest resolution"] = 64
    discriminator_width: Annotated[PositiveInt | None, "the discriminator's width (default: width)"] = None
    depth: Annotated[PositiveInt, "generator convolutions per resolution"] = 2
    discriminator_depth: Annotated[PositiveInt, "discriminator convolutions per resolution"] = 1
    norm: Annotated[Norm, "generator normalisation"] = "batch"
    discriminator_norm: Annotated[Norm, "discriminator normalisation"] = "none"
    upsampling: Annotated[Upsampling, "transposed convolution, or nearest pixel and convolution"] = "transposed"
    generator: nn.Module | None = None
    discriminator: nn.Module | None = None

    def build(self, shape: Shape) -> tuple[nn.Module, nn.Module]:
        """A generator and a discriminator of images [n, *shape]."""
        generator = self.generator or self.make_generator(self.latent, shape)
        return generator, self.discriminator or ConvDiscriminator(shape, *self.discriminator_options)

    def make_generator(self, inputs: int, shape: Shape) -> ConvGenerator:
        """A generator of images from `inputs` numbers."""
        return ConvGenerator(inputs, shape, self.width, self.depth, self.norm, doubling=DOUBLINGS[self.upsampling])

    @property
    def discriminator_options(self) -> tuple[int, int, str]:
        """Width, depth and norm of the discriminator."""
        return self.discriminator_width or self.width, self.discriminator_depth, self.discriminator_norm


@dataclass(frozen=True)
class ConditioningOptions:
    """Options of class conditioning."""

    embedding: Annotated[PositiveInt, "dimension of the generator's class embedding"] = 32
    class_weight: Annotated[NonNegativeFloat, "weight of the auxiliary classifier's loss"] = 1.0


NETWORKS, CONDITIONING = ConvNetworks(), ConditioningOptions()


def unconditional(data: Data, networks: ConvNetworks, rules: Rules, examples: int) -> Recipe:
    """The recipe of unconditional convolutional networks, with a horizon of `examples`."""
    generator, discriminator = networks.build(picture_shape(data))
    return two_player(data, generator, discriminator, Latent(networks.latent), rules, examples)


def conditional(
    data: Data,
    networks: ConvNetworks,
    conditioning: Conditioning,
    conditioning_options: ConditioningOptions,
    rules: Rules,
    examples: int,
    recipe: str,
) -> Recipe:
    """The recipe of class-conditional convolutional networks; a user's networks get `network(x, condition)`.

    A UserError for data without classes, which names `recipe`.
    """
    shape, labels = picture_shape(data), Labels.of_data(data, recipe)
    classes = len(labels.classes)
    inner = networks.make_generator(networks.latent + conditioning_options.embedding, shape)
    generator = networks.generator or ConditionalGenerator(inner, classes, conditioning_options.embedding)
    make, auxiliary_losses = _CONDITIONINGS[conditioning]
    discriminator = networks.discriminator or make(shape, networks.discriminator_options, classes)
    return two_player(
        data,
        generator,
        discriminator,
        Latent(networks.latent),
        rules,
        examples,
        condition=labels,
        auxiliary_losses=auxiliary_losses(conditioning_options),
    )


def _projection(shape: Shape, sizes: tuple[int, int, str], classes: int) -> nn.Module:
    return ProjectionDiscriminator(*conv_trunk(shape, *sizes), classes)


def _concatenation(shape: Shape, sizes: tuple[int, int, str], classes: int) -> nn.Module:
    inner = ConvDiscriminator((shape[0] + 1, *shape[1:]), *sizes)
    return ConcatenationDiscriminator(inner, classes, shape[1:])


def _classifying(shape: Shape, sizes: tuple[int, int, str], classes: int) -> nn.Module:
    return ClassifyingDiscriminator(*conv_trunk(shape, *sizes), classes)


MakeDiscriminator = Callable[[Shape, tuple[int, int, str], int], nn.Module]
MakeAuxiliaryLosses = Callable[[ConditioningOptions], tuple[AuxiliaryLoss, ...]]
_CONDITIONINGS: dict[Conditioning, tuple[MakeDiscriminator, MakeAuxiliaryLosses]] = {
    "projection": (_projection, lambda options: ()),
    "concatenation": (_concatenation, lambda options: ()),
    "auxiliary-classifier": (_classifying, lambda options: (ClassLabels(options.class_weight),)),
}


def picture_shape(data: Data) -> Shape:
    """Channels, height, width; a UserError for data other than images."""
    return data.require(Images).shape
