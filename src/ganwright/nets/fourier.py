"""Random Fourier features of points, which let a dense discriminator learn fine structure early."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ganwright.nets.mlp import MlpDiscriminator

TORCH_GAIN = 1 / math.sqrt(3)  # of torch's default initialisation of dense layers
EDGE = 1 / 7  # width of the window's soft edge, in shares of the log-frequency range


class FourierFeatures(nn.Module):
    """Maps samples [n, inputs] to [n, inputs + 2 count]: the samples, and sines and cosines of them.

    A dense network learns the low frequencies of a function long before the high ones (Rahaman et al. 2019), so a
    discriminator of points does not learn the width of a narrow mode. Random Fourier features correct that (Rahimi and
    Recht 2007; Tancik et al. 2020). The wavelengths are log-uniform from `longest` to `shortest` (in the samples'
    units), in random directions. `set_window` enables them from the longest on (Park et al. 2021, Nerfies, equation
    8): with all of them enabled at the start, modes were lost.
    """

    positions: Tensor
    frequencies: Tensor
    window: Tensor

    def __init__(self, inputs: int, count: int, longest: float, shortest: float) -> None:
        super().__init__()
        positions = torch.rand(count)  # in the log-frequency range: 0 is the lowest frequency, 1 the highest
        directions = nn.functional.normalize(torch.randn(count, inputs))
        frequencies = (longest / shortest) ** positions / longest
        self.register_buffer("positions", positions)
        self.register_buffer("frequencies", 2 * math.pi * frequencies[:, None] * directions)  # [count, inputs]
        self.register_buffer("window", torch.ones(count))

    def forward(self, samples: Tensor) -> Tensor:
        phases = samples @ self.frequencies.T
        return torch.cat([samples, phases.sin() * self.window, phases.cos() * self.window], 1)

    def set_window(self, share: float) -> None:
        """Enables the lowest `share` of the log-frequency range, with a soft edge above."""
        self.window.copy_(((share * (1 + EDGE) - self.positions) / EDGE).clamp(0, 1))


class FourierDiscriminator(nn.Module):
    """Maps points [n, inputs] to scores [n]: dense layers of `sizes` on `count` Fourier features.

    `gain` is that of the dense layers (`hidden_gain`). With `samples_first` the weights on the samples start as large
    as without Fourier features, so that with a closed window this is the dense discriminator; otherwise all inputs
    have weights of the same scale.
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
        self.features = FourierFeatures(inputs, count, longest, shortest)
        self.layers = MlpDiscriminator((inputs + 2 * count,), sizes, gain=gain)
        if samples_first:
            first = next(layer for layer in self.layers.modules() if isinstance(layer, nn.Linear))
            scale = TORCH_GAIN if gain is None else gain
            nn.init.normal_(first.weight[:, :inputs], std=scale / math.sqrt(inputs))
            nn.init.normal_(first.weight[:, inputs:], std=scale / math.sqrt(count))  # sin^2 + cos^2 = 1

    def forward(self, samples: Tensor) -> Tensor:
        score: Tensor = self.layers(self.features(samples))
        return score
