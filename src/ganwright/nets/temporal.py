"""Layers of networks for series [n, time, channels], with the initial weights of He et al. (2015)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2  # of leaky ReLU
KERNEL = 5  # time steps
FEWEST = 8  # time steps, from which a convolutional network halves their number
WIDEST = 2  # times the width at the finest resolution, at most


def dense(inputs: int, outputs: int, gain: float = math.sqrt(2 / (1 + SLOPE**2))) -> nn.Linear:
    """A dense layer with weights from N(0, gain^2 / inputs) and without biases at first."""
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(inputs))
    nn.init.zeros_(layer.bias)
    return layer


class TemporalConv(nn.Module):
    """A convolution over time, [n, time, inputs] to [n, ceil(time / stride), outputs], with zero padding.

    It is a matrix product of windows: for 5 steps and 64 channels forward and backward take four fifths, and a gradient
    penalty two thirds, of the time of `nn.Conv1d` on a processor.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = KERNEL, stride: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.weights = dense(kernel * inputs, outputs)

    def forward(self, series: Tensor) -> Tensor:
        padded = F.pad(series, (0, 0, self.kernel // 2, self.kernel // 2))
        windows = padded.unfold(1, self.kernel, self.stride)  # [n, time, inputs, kernel]
        out: Tensor = self.weights(windows.flatten(2))
        return out

    def extra_repr(self) -> str:
        return f"kernel={self.kernel}, stride={self.stride}"


class Upsampling(nn.Module):
    """Linear interpolation over time, and a dense layer: [n, shorter, inputs] to [n, length, outputs].

    Layers that make several time steps of one at once leave a pattern of that period in smooth curves, as transposed
    convolutions leave a mesh in pictures (Odena et al. 2016).
    """

    interpolation: Tensor  # [length, shorter]

    def __init__(self, inputs: int, outputs: int, shorter: int, length: int) -> None:
        super().__init__()
        self.weights = dense(inputs, outputs)
        steps = torch.eye(shorter).unsqueeze(0)
        weights = F.interpolate(steps, length, mode="linear")[0].T.contiguous()
        self.register_buffer("interpolation", weights, persistent=False)

    def forward(self, series: Tensor) -> Tensor:
        return torch.matmul(self.interpolation, self.weights(series))


def lengths(steps: int) -> list[int]:
    """The numbers of time steps of a convolutional network, from the finest resolution to the coarsest."""
    found = [steps]
    while found[-1] >= FEWEST:
        found.append(-(-found[-1] // 2))
    return found


def widths(width: int, levels: int) -> list[int]:
    """The channels at each resolution, from the finest to the coarsest."""
    return [width * min(2**level, WIDEST) for level in range(levels)]
