"""The conditional GAN (Mirza & Osindero 2014): samples of a class that is asked for."""

from __future__ import annotations

from typing import Annotated

from ganwright.core.data import Data
from ganwright.core.recipe import Recipe
from ganwright.recipes._convolutional import NETWORKS, TELLING, Networks, Telling, Told, conditional
from ganwright.recipes._two_player import Rules
from ganwright.recipes.dcgan import RULES

FOR = "pictures"
DATA = "digits"


def recipe(
    data: Data,
    *,
    networks: Networks = NETWORKS,
    label: Annotated[Told, "how the discriminator is told the class"] = "projection",
    telling: Telling = TELLING,
    rules: Rules = RULES,
) -> Recipe:
    """The conditional GAN, for pictures in classes: `ganwright sample RUN --condition 3` draws one class.

    Classes are the labels of a data set, or the folders that pictures lie in. The generator gets the class embedded
    beside its latent; the discriminator by projection (Miyato & Koyama 2018), as one more channel (concatenation, as in
    the first conditional GANs), or it names the class itself (auxiliary classifier, Odena et al. 2017).
    """
    return conditional(data, networks, label, telling, rules, images=120_000, recipe="cgan")
