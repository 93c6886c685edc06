"""A convolutional classifier for few labels, in the manner of Salimans et al. 2016, sized for a CPU.

It adds noise to its input, has dropout, and normalises its weights (Salimans & Kingma 2016): each output's kernel has
a direction and a length. Batch norm is left out because it would mix real samples and fakes.
"""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ganwright.nets.conv import Down, Same, UnshuffleDown, channels_last, resolutions
from ganwright.nets.dropout import Dropout
from ganwright.nets.noise import Noise

SLOPE = 0.2  # of leaky ReLU


class ConvClassifier(nn.Module):
    """Maps images [n, channels, height, width] to "features" [n, features] and then to "classes", logits [n, classes].

    The channels are `width` at half the resolution, twice that at a quarter and four times that below; a dense layer
    follows. There are `depth` convolutions at each resolution. `noise` is the standard deviation of the input noise,
    `dropout` the dropout rate before and after the dense layer.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        classes: int,
        width: int = 16,
        depth: int = 3,
        features: int = 256,
        noise: float = 0.3,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])
        widths = [width * min(2**level, 4) for level in range(len(sizes) - 1)]
        layers: list[nn.Module] = [Noise(noise)]
        for level, (inputs, outputs) in enumerate(pairwise((shape[0], *widths))):
            halving = Down(inputs, outputs) if level else UnshuffleDown(inputs, outputs)
            for layer in (halving, *(Same(outputs, outputs) for _ in range(depth - 1))):
                layers += [_weight_normed(layer), nn.LeakyReLU(SLOPE)]
        inputs = widths[-1] * math.prod(sizes[0])
        layers += [Dropout(dropout), nn.Flatten(), _weight_normed(nn.Linear(inputs, features)), nn.LeakyReLU(SLOPE)]
        self.features = nn.Sequential(*layers, Dropout(dropout))
        self.head = _weight_normed(nn.Linear(features, classes))
        channels_last(self)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        features = self.features(pictures)
        return {"classes": self.head(features), "features": features}


def _weight_normed(layer: nn.Conv2d | nn.Linear) -> nn.Module:
    """Applies weight norm to a layer whose initial weights preserve the variance (He et al. 2015)."""
    fan_in = layer.weight[0].numel()
    nn.init.normal_(layer.weight, std=math.sqrt(2 / (1 + SLOPE**2) / fan_in))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    normed: nn.Module = weight_norm(layer)
    return normed
