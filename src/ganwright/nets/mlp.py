"""Networks of dense layers, for points and flattened images."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn


class Maxout(nn.Module):
    """The maximum of `pieces` affine maps for each output (Goodfellow et al. 2013)."""

    def __init__(self, inputs: int, outputs: int, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces
        self.affine = nn.Linear(inputs, outputs * pieces)

    def forward(self, features: Tensor) -> Tensor:
        maps: Tensor = self.affine(features).unflatten(1, (-1, self.pieces))  # [n, outputs, pieces]
        return maps.amax(2)


class MlpGenerator(nn.Module):
    """Maps latents [n, latent] to samples [n, *shape]: dense layers of `sizes`, each with leaky ReLU.

    A `slope` of 0 is ReLU; `batch_norm` adds batch norm before each activation; `bounded` adds a final tanh, for
    images. `gain` initialises the hidden layers (`hidden_gain`).
    """

    def __init__(
        self,
        latent: int,
        shape: tuple[int, ...],
        sizes: tuple[int, ...] = (128, 128, 128),
        slope: float = 0.2,
        batch_norm: bool = False,
        bounded: bool = False,
        gain: float | None = None,
    ) -> None:
        super().__init__()
        self.shape = shape
        widths = (latent, *sizes)
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers.append(nn.Linear(inputs, outputs))
            if batch_norm:
                layers.append(nn.BatchNorm1d(outputs))
            layers.append(nn.LeakyReLU(slope))
        layers.append(nn.Linear(widths[-1], math.prod(shape)))
        if bounded:
            layers.append(nn.Tanh())
        self.layers = nn.Sequential(*layers)
        hidden_gain(self.layers, gain)

    def forward(self, latent: Tensor) -> Tensor:
        flat: Tensor = self.layers(latent)
        return flat.view(-1, *self.shape)


class MlpDiscriminator(nn.Module):
    """Maps samples [n, *shape] to scores [n]: dense layers of `sizes`, each with leaky ReLU.

    `maxout` above 1 is the number of maxout pieces in place of leaky ReLU, as in PacGAN's discriminator. `gain`
    initialises the hidden layers (`hidden_gain`).
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        sizes: tuple[int, ...] = (128, 128, 128),
        slope: float = 0.2,
        maxout: int = 1,
        gain: float | None = None,
    ) -> None:
        super().__init__()
        widths = (math.prod(shape), *sizes)
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            if maxout > 1:
                layers.append(Maxout(inputs, outputs, maxout))
            else:
                layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(slope)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], 1), nn.Flatten(0))
        hidden_gain(self.layers, gain)

    def forward(self, samples: Tensor) -> Tensor:
        score: Tensor = self.layers(samples)
        return score


def hidden_gain(network: nn.Module, gain: float | None) -> None:
    """Draws the weights of all dense layers but the last from N(0, gain^2 / inputs); None keeps torch's defaults.

    A gain of sqrt(2) preserves the variance through ReLUs (He et al. 2015, equation 10). Torch's default scales
    activations by 0.4 in each layer, and such a network is slow to learn steep functions.
    """
    if gain is None:
        return
    for layer in [layer for layer in network.modules() if isinstance(layer, nn.Linear)][:-1]:
        nn.init.normal_(layer.weight, std=gain / math.sqrt(layer.in_features))
