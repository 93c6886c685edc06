"""Waves over the plane: features that let a dense discriminator see fine shapes as soon as coarse ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ganwright.nets.mlp import MlpDiscriminator

TORCHS_GAIN = 1 / math.sqrt(3)  # of its dense layers' first weights
EDGE = 1 / 7  # of the range of frequencies, on a logarithmic scale, opens at a time


class Waves(nn.Module):
    """Samples [n, inputs] to [n, inputs + 2 count]: the samples, and sines and cosines of them.

    A dense network learns a function's slow waves long before its fast ones (Rahaman et al. 2019), so a discriminator
    of points does not see how wide a narrow mode is. Random Fourier features mend that (Rahimi and Recht 2007; Tancik
    et al. 2020). Here the wavelengths are spread evenly, in their logarithm, from `longest` to `shortest` (in the
    sample's own units), in random directions. `open` lets them in from the longest on (Park et al. 2021, Nerfies,
    equation 8): with all of them at once modes were lost.
    """

    heights: Tensor
    waves: Tensor
    window: Tensor

    def __init__(self, inputs: int, count: int, longest: float, shortest: float) -> None:
        super().__init__()
        heights = torch.rand(count)  # of the frequencies: 0 is the lowest, 1 the highest
        directions = nn.functional.normalize(torch.randn(count, inputs))
        frequencies = (longest / shortest) ** heights / longest
        self.register_buffer("heights", heights)
        self.register_buffer("waves", 2 * math.pi * frequencies[:, None] * directions)
        self.register_buffer("window", torch.ones(count))

    def forward(self, samples: Tensor) -> Tensor:
        phases = samples @ self.waves.T
        return torch.cat([samples, phases.sin() * self.window, phases.cos() * self.window], 1)

    def open(self, share: float) -> None:
        """Lets in the lowest `share` of the frequencies, on a logarithmic scale, with a soft edge above."""
        self.window.copy_(((share * (1 + EDGE) - self.heights) / EDGE).clamp(0, 1))


class FourierDiscriminator(nn.Module):
    """Points [n, inputs] to scores [n]: dense layers of `sizes` on `count` waves.

    `gain` is the dense layers' (`hidden_gain`). With `samples_first` the weights that see the samples themselves start
    as large as if there were no waves, so that with closed waves this is the dense discriminator; otherwise all inputs
    share alike.
    """

    def __init__(
        self,
        inputs: int,
        count: int,
        longest: float,
        shortest: float,
        sizes: tuple[int, ...] = (128, 128),
        gain: float | None = None,
        samples_first: bool = False,
    ) -> None:
        super().__init__()
        self.waves = Waves(inputs, count, longest, shortest)
        self.layers = MlpDiscriminator((inputs + 2 * count,), sizes, gain=gain)
        if samples_first:
            first = next(layer for layer in self.layers.modules() if isinstance(layer, nn.Linear))
            scale = TORCHS_GAIN if gain is None else gain
            nn.init.normal_(first.weight[:, :inputs], std=scale / math.sqrt(inputs))
            nn.init.normal_(first.weight[:, inputs:], std=scale / math.sqrt(count))  # sin^2 + cos^2 = 1

    def forward(self, samples: Tensor) -> Tensor:
        score: Tensor = self.layers(self.waves(samples))
        return score
