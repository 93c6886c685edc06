"""WGAN-GP: a critic that estimates the earth mover's distance, kept steep by a gradient penalty."""

from __future__ import annotations

from ganwright.core.data import Data
from ganwright.core.recipe import Recipe
from ganwright.recipes._convolutional import Networks, unconditional
from ganwright.recipes._two_player import Rules

FOR = "pictures"
DATA = "digits"
NETWORKS = Networks(latent=128, depth=1)
RULES = Rules(
    loss="wasserstein",
    penalty="gradient-penalty",
    penalty_weight=10.0,
    batch=32,
    generator_rate=1e-4,
    discriminator_rate=1e-4,
    beta1=0.0,
    beta2=0.9,
    schedule="linear",
    discriminator_times=5,
    average=5_000,
)


def recipe(data: Data, *, networks: Networks = NETWORKS, rules: Rules = RULES) -> Recipe:
    """WGAN-GP (Gulrajani et al. 2017, algorithm 1), for pictures of any size from 8 up.

    The critic takes five turns a round, has no normalisation, and is held to slope 1 on the lines between real and fake
    pictures; Adam (0, .9). Its loss is minus the estimated distance, which says how far the samples have come.
    """
    return unconditional(data, networks, rules, images=100_000)
