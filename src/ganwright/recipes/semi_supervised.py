"""Semi-supervised learning (Salimans et al. 2016): a classifier from few labels and many pictures without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import nn
from torch.optim import Adam

from ganwright.augmentations._shift import Shifted
from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.order import Mixed, Stream
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.core.schedules import LrSchedule, lr_schedule
from ganwright.core.turn import Stage, Turn, same
from ganwright.games.semi_supervised import SemiSupervised, SomeLabels
from ganwright.nets.classifier import ConvClassifier
from ganwright.nets.conv import ConvGenerator
from ganwright.recipes._convolutional import picture_shape

FOR = "pictures"
DATA = "mnist"
EXAMPLES = 400_000


@dataclass(frozen=True)
class Learning:
    """How the two are trained."""

    batch: Annotated[PositiveInt, "global batch of real pictures"] = 80
    of_labelled: Annotated[PositiveInt, "so many of them are labelled ones"] = 16
    lr: Annotated[PositiveFloat, "learning rate of both players"] = 1e-3
    beta1: Annotated[float, Field(ge=0, lt=1), "Adam's first decay"] = 0.5
    beta2: Annotated[float, Field(ge=0, lt=1), "Adam's second decay"] = 0.99
    lr_schedule: Annotated[LrSchedule, "of the rate over the run"] = "linear"
    ema_half_life: Annotated[NonNegativeFloat, "half-life of the weights' average in images; 0 keeps none"] = 10_000
    consistency: Annotated[NonNegativeFloat, "weight of how far two answers to one picture may lie apart"] = 10.0


def recipe(
    data: Data,
    *,
    labels: Annotated[PositiveInt, "samples whose class may be learned from, as many of each class"] = 100,
    labels_seed: Annotated[NonNegativeInt, "which samples these are"] = 0,
    alone: Annotated[bool, "learn from these samples alone, without a generator, to compare"] = False,
    latent: Annotated[PositiveInt, "numbers in a latent"] = 64,
    width: Annotated[PositiveInt, "the classifier's channels at half the pictures' size"] = 16,
    depth: Annotated[PositiveInt, "its convolutions at each size"] = 3,
    features: Annotated[PositiveInt, "the classifier's last hidden layer, which the generator matches"] = 256,
    generator_width: Annotated[PositiveInt, "the generator's channels at the coarsest resolution"] = 32,
    noise: Annotated[NonNegativeFloat, "standard deviation of what is added to what the classifier sees"] = 0.3,
    dropout: Annotated[float, Field(ge=0, lt=1), "share of its hidden layers' numbers that is left out"] = 0.3,
    shift: Annotated[NonNegativeInt, "pixels, at most, by which real pictures are moved"] = 2,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    learning: Learning = Learning(),
) -> Recipe:
    """Semi-supervised learning: a classifier from few labels and many pictures without.

    The discriminator tells the classes and the fakes apart, the generator matches its features. Only `--labels`
    pictures show their class. What it is for is the classifier: `ganwright classify RUN picture.png`, and without
    pictures how often it is right on the test part. From Python, a discriminator is a network that maps pictures to
    logits [n, classes] and has `features` and `head`.

    What to expect of `ganwright train semi-supervised --data mnist --examples 300000 --threads 1` (100 labels, AMD EPYC,
    about 400 s): right on 98.3, 98.5 and 97.8 % of the test part with three seeds, and the same net on the labels alone
    (`--alone --examples 40000`) on 91.3, 90.4 and 89.5 %. The paper has 99 %, after 300 epochs; these were five. The
    samples only look like digits in part: features are matched, not pictures.
    """
    shape, classes = picture_shape(data), Labels.of_data(data, "semi-supervised").classes
    refuse(data, labels, learning, alone)
    some = SomeLabels.chosen(data, labels, labels_seed)
    adam = partial(Adam, lr=learning.lr, betas=(learning.beta1, learning.beta2), fused=True)
    make = partial(Player, optimizer=adam, ema_half_life=learning.ema_half_life or None)
    game = SemiSupervised(
        make(generator or ConvGenerator(latent, shape, generator_width, depth=1)),
        make(discriminator or ConvClassifier(shape, len(classes), width, depth, features, noise, dropout)),
        Latent(latent),
        learning.consistency,
    )
    view = Shifted(shift) if shift else same
    schedules = (lr_schedule(game.players.values(), learning.lr_schedule),)
    if alone:
        part = replace(data, samples=data.samples[some.known], labels=np.asarray(data.labels)[some.known])
        stage = Stage((Turn(("discriminator",), game.label_terms),), schedules=schedules, view=view)
        some = replace(some, known=np.arange(len(part)))
        return Recipe(part, game, (stage,), Stream(learning.of_labelled), EXAMPLES, condition=some)
    stage = Stage((Turn(("generator", "discriminator"), game.terms),), schedules=schedules, view=view)
    order = Mixed(learning.batch, some.known, learning.of_labelled)
    return Recipe(data, game, (stage,), order, EXAMPLES, condition=some)


def refuse(data: Data, labels: int, learning: Learning, alone: bool) -> None:
    """A UserError where the labels are too few, or too many, or where a batch has room for one kind alone."""
    classes = len(data.classes)
    if labels < classes:
        raise UserError(f"--labels {labels} is less than one for each of the {classes} classes of {data.name}.")
    if not alone and labels >= len(data):
        raise UserError(
            f"--labels {labels} leaves none of the {len(data)} pictures of {data.name} without: give fewer, or --alone."
        )
    if learning.of_labelled >= learning.batch:
        raise UserError(
            f"--of-labelled {learning.of_labelled} leaves no room for others in a --batch of {learning.batch}."
        )
