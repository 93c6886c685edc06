"""The networks of the three classic programs that ganwright reproduces, layer by layer: vanilla, DCGAN, curve.

Generators map latents [n, latent] to encoded samples, discriminators map samples to logits [n]: the curve program's
sigmoid is part of its loss. Weights are initialised Glorot-uniform, biases to zero.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod

from torch import nn

from ganwright.nets.dropout import Dropout
from ganwright.nets.keras import SLOPE, BiasedBatchNorm1d, BiasedBatchNorm2d, SameConv2d, SameConvTranspose2d, glorot

Shape = tuple[int, int, int]

DIGITS: Shape = (1, 28, 28)
TF1_SLOPE = 0.2  # the negative slope of TensorFlow 1's leaky_relu


def vanilla_generator() -> nn.Module:
    """Maps latents [n, 100] to images [n, 1, 28, 28] in [-1, 1]."""
    return glorot(nn.Sequential(_dense(100, 128, 128, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))))


def vanilla_discriminator() -> nn.Module:
    """Maps images [n, 1, 28, 28] to scores [n]."""
    return glorot(nn.Sequential(nn.Flatten(), _dense(784, 128, 128, 1), nn.Flatten(0)))


def curve_generator() -> nn.Module:
    """Maps latents [n, 2] to points [n, 2]."""
    return glorot(_dense(2, 10, 10, 2))


def curve_discriminator() -> nn.Module:
    """Maps points [n, 2] to scores [n]."""
    return glorot(nn.Sequential(_dense(2, 10, 10, 1), nn.Flatten(0)))


def dcgan_generator(shape: Shape = DIGITS) -> nn.Module:
    """Maps latents [n, 100] to images [n, *shape] in [-1, 1]; both sides must be multiples of 4.

    For the program's shape [1, 28, 28] it has 2,330,944 parameters, 25,472 of them running statistics.
    """
    channels, height, width = shape
    coarse = (256, height // 4, width // 4)
    return glorot(
        nn.Sequential(
            nn.Linear(100, prod(coarse), bias=False),
            BiasedBatchNorm1d(prod(coarse)),
            nn.LeakyReLU(SLOPE),
            nn.Unflatten(1, coarse),
            SameConvTranspose2d(256, 128, 5, bias=False),  # [n, 128, 7, 7] for 28x28
            BiasedBatchNorm2d(128),
            nn.LeakyReLU(SLOPE),
            SameConvTranspose2d(128, 64, 5, stride=2, bias=False),  # [n, 64, 14, 14]
            BiasedBatchNorm2d(64),
            nn.LeakyReLU(SLOPE),
            SameConvTranspose2d(64, channels, 5, stride=2, bias=False),  # [n, 1, 28, 28]
            nn.Tanh(),
        )
    )


def dcgan_discriminator(shape: Shape = DIGITS) -> nn.Module:
    """Maps images [n, *shape], with sides that are multiples of 4, to scores [n]; 212,865 parameters for 28x28."""
    channels, height, width = shape
    return glorot(
        nn.Sequential(
            SameConv2d(channels, 64, 5, stride=2),  # [n, 64, 14, 14] for 28x28
            nn.LeakyReLU(SLOPE),
            Dropout(0.3),
            SameConv2d(64, 128, 5, stride=2),  # [n, 128, 7, 7]
            nn.LeakyReLU(SLOPE),
            Dropout(0.3),
            nn.Flatten(),
            nn.Linear(128 * (height // 4) * (width // 4), 1),
            nn.Flatten(0),
        )
    )


def _dense(*sizes: int) -> nn.Sequential:
    """Dense layers with leaky ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(TF1_SLOPE)]
    return nn.Sequential(*layers[:-1])
