"""The conditional GAN (Mirza & Osindero 2014): samples of a requested class."""

from __future__ import annotations

from typing import Annotated

from ganwright.core.data import Data
from ganwright.core.recipe import Recipe
from ganwright.recipes._convolutional import (
    CONDITIONING,
    NETWORKS,
    Conditioning,
    ConditioningOptions,
    ConvNetworks,
    conditional,
)
from ganwright.recipes._two_player import Rules
from ganwright.recipes.dcgan import RULES

FOR = "pictures"
DATA = "digits"


def recipe(
    data: Data,
    *,
    networks: ConvNetworks = NETWORKS,
    conditioning: Annotated[Conditioning, "how the discriminator uses the class"] = "auxiliary-classifier",
    conditioning_options: ConditioningOptions = CONDITIONING,
    rules: Rules = RULES,
) -> Recipe:
    """The conditional GAN, for images with classes: `ganwright sample RUN --condition 3` samples one class.

    Classes are the labels of a data set, or the names of folders of images. The generator gets an embedding of the
    class with its latent. The discriminator predicts the class (auxiliary classifier, Odena et al. 2017), or uses it by
    projection (Miyato & Koyama 2018) or as one more channel (concatenation, as in the first conditional GANs).

    Results of `ganwright train cgan --data mnist`: 120,000 examples in about 230 s of CPU time on one thread of a busy
    two-core machine (AMD EPYC). With three seeds, 98.2 to 99.1 % of 10,000 samples are classified as the requested
    class (real digits: 99.5 %); by projection 93.4 and 94.6 % with two seeds.
    """
    return conditional(data, networks, conditioning, conditioning_options, rules, examples=120_000, recipe="cgan")
