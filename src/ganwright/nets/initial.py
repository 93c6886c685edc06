"""The first weights of players that are not torch's usual ones."""

from __future__ import annotations

import math

from torch import nn


def normal_kernels(network: nn.Module, deviation: float = 0.02) -> None:
    """Draws every convolution's kernel from N(0, deviation^2) and puts its bias to zero (Radford et al. 2016)."""
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0.0, deviation)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def he_first(network: nn.Module, slope: float = 0.2) -> nn.Module:
    """The network with the first weights of He et al. (2015): what passes keeps its size, where no norm sees to it.

    Convolutions and dense layers get N(0, 2 / (1 + slope^2) / inputs of an output), biases zero. Torch's own first
    weights are 2.4 times smaller, and a discriminator without norm begins with scores and gradients near nothing.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            inputs = layer.weight[0].numel()
            if isinstance(layer, nn.ConvTranspose2d):
                inputs = layer.in_channels * layer.weight[0, 0].numel() // (layer.stride[0] * layer.stride[1])
            nn.init.normal_(layer.weight, std=math.sqrt(2 / (1 + slope**2) / inputs))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network
