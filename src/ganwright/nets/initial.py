"""The first weights of players that are not torch's usual ones."""

from __future__ import annotations

from torch import nn


def normal_kernels(network: nn.Module, deviation: float = 0.02) -> None:
    """Draws every convolution's kernel from N(0, deviation^2) and puts its bias to zero (Radford et al. 2016)."""
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0.0, deviation)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
