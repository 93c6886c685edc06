"""Semi-supervised learning (Salimans et al. 2016): a classifier from few labelled and many unlabelled images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import nn
from torch.optim import Adam

from ganwright.augmentations._shift import Shifted
from ganwright.auxiliary_losses.consistency import Consistency
from ganwright.auxiliary_losses.feature_matching import FeatureMatching
from ganwright.auxiliary_losses.known_labels import KnownLabels
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.order import Mixed, Stream
from ganwright.core.partial_labels import SomeLabels, hidden_rows
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.core.schedules import LrSchedule, lr_schedule
from ganwright.core.turn import Stage, Turn, same
from ganwright.games.semi_supervised import SemiSupervised
from ganwright.nets.classifier import ConvClassifier
from ganwright.nets.conv import ConvGenerator
from ganwright.recipes._convolutional import picture_shape

FOR = "pictures"
DATA = "mnist"
EXAMPLES = 400_000


@dataclass(frozen=True)
class Learning:
    """Options of training."""

    batch: Annotated[PositiveInt, "global batch size, of real images"] = 80
    labelled_batch: Annotated[PositiveInt, "labelled images per batch"] = 16
    lr: Annotated[PositiveFloat, "learning rate of both players"] = 1e-3
    beta1: Annotated[float, Field(ge=0, lt=1), "Adam's beta1"] = 0.5
    beta2: Annotated[float, Field(ge=0, lt=1), "Adam's beta2"] = 0.99
    lr_schedule: Annotated[LrSchedule, "schedule of the learning rate"] = "linear"
    ema_half_life: Annotated[NonNegativeFloat, "EMA half-life, in examples; 0 disables it"] = 10_000
    consistency: Annotated[NonNegativeFloat, "weight of the consistency between two passes of an image"] = 10.0


def recipe(
    data: Data,
    *,
    labels: Annotated[PositiveInt, "number of labelled examples, balanced over the classes"] = 100,
    labels_seed: Annotated[NonNegativeInt, "random seed of the choice of labelled examples"] = 0,
    supervised_only: Annotated[bool, "train on the labelled examples only, without a generator, as a baseline"] = False,
    latent: Annotated[PositiveInt, "latent dimension"] = 64,
    width: Annotated[PositiveInt, "classifier channels at half the image size"] = 16,
    depth: Annotated[PositiveInt, "classifier convolutions per resolution"] = 3,
    features: Annotated[PositiveInt, "size of the classifier's last hidden layer, for feature matching"] = 256,
    generator_width: Annotated[PositiveInt, "generator channels at the coarsest resolution"] = 32,
    noise: Annotated[NonNegativeFloat, "standard deviation of the classifier's input noise"] = 0.3,
    dropout: Annotated[float, Field(ge=0, lt=1), "classifier dropout rate"] = 0.3,
    shift: Annotated[NonNegativeInt, "maximum random shift of real images, in pixels"] = 2,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    learning: Learning = Learning(),
) -> Recipe:
    """Semi-supervised learning: a classifier from few labelled and many unlabelled images.

    The discriminator classifies images into the classes and fakes; the generator matches its features. Only `--labels`
    examples reveal their class. `ganwright classify RUN picture.png` applies the classifier; without pictures it
    reports the accuracy on the test part. From Python, a discriminator is a network that returns a dict with
    "classes", logits [n, classes], and "features" [n, features].

    Results of `ganwright train semi-supervised --data mnist --examples 300000 --threads 1` (100 labels, AMD EPYC, about
    400 s): test accuracy 98.3, 98.5 and 97.8 % with three seeds; the same network on the labels only
    (`--supervised-only --examples 40000`) 91.3, 90.4 and 89.5 %. The paper has 99 % after 300 epochs; these runs have
    five. Only some samples look like digits, because features are matched instead of images.
    """
    shape, classes = picture_shape(data), Labels.of_data(data, "semi-supervised").classes
    check(data, labels, learning, supervised_only)
    some = SomeLabels.chosen(data, labels, labels_seed)
    adam = partial(Adam, lr=learning.lr, betas=(learning.beta1, learning.beta2), fused=True)
    make = partial(Player, optimizer=adam, ema_half_life=learning.ema_half_life or None)
    game = SemiSupervised(
        make(generator or ConvGenerator(latent, shape, generator_width, depth=1)),
        make(discriminator or ConvClassifier(shape, len(classes), width, depth, features, noise, dropout)),
        Latent(latent),
        auxiliary_losses=auxiliary_losses(learning.consistency, supervised_only),
    )
    view = Shifted(shift) if shift else same
    schedules = (lr_schedule(game.players.values(), learning.lr_schedule),)
    if supervised_only:
        part = replace(data, samples=data.samples[some.known], labels=np.asarray(data.labels)[some.known])
        stage = Stage((Turn(("discriminator",), game.discriminator_auxiliary_terms),), schedules=schedules, view=view)
        some = replace(some, known=np.arange(len(part)))
        return Recipe(part, game, (stage,), Stream(learning.labelled_batch), EXAMPLES, condition=some)
    stage = Stage((Turn(("generator", "discriminator"), game.simultaneous_terms),), schedules=schedules, view=view)
    order = Mixed(learning.batch, some.known, learning.labelled_batch)
    return Recipe(data, game, (stage,), order, EXAMPLES, condition=some)


def auxiliary_losses(consistency: float, supervised_only: bool) -> tuple[AuxiliaryLoss, ...]:
    """The losses on labels, features, and two passes of an image."""
    if supervised_only:
        return (KnownLabels(),)
    losses = KnownLabels(), FeatureMatching(rows=hidden_rows)
    return (*losses, Consistency(consistency)) if consistency else losses


def check(data: Data, labels: int, learning: Learning, supervised_only: bool) -> None:
    """A UserError for too few or too many labels, or a batch without unlabelled images."""
    classes = len(data.classes)
    if labels < classes:
        raise UserError(f"--labels {labels} is less than one for each of the {classes} classes of {data.name}.")
    if not supervised_only and labels >= len(data):
        raise UserError(
            f"--labels {labels} leaves no unlabelled picture among the {len(data)} of {data.name}: reduce it, or use "
            "--supervised-only."
        )
    if learning.labelled_batch >= learning.batch:
        raise UserError(f"--labelled-batch {learning.labelled_batch} must be below --batch {learning.batch}.")
