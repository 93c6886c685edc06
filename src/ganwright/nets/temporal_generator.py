"""Bodies of generators of series: a context and noise for every time step to hidden states [n, time, channels]."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.temporal import SLOPE, TemporalConv, Upsampling, dense, lengths, widths

Cell = Literal["lstm", "gru"]
CELLS: dict[Cell, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}
DIRECT = 64  # time steps
FAINT = 0.3  # gain of the layers that add noise
SHORT = 3  # time steps of a kernel


class Body(nn.Module, ABC):
    """Maps a context [n, context] and noise [n, steps, noise] to hidden states [n, steps, width]."""

    width: int

    @abstractmethod
    def forward(self, context: Tensor, noise: Tensor) -> Tensor: ...


class ConvBody(Body):
    """Maps a context [n, context] and noise [n, steps, noise] to [n, steps, width], from coarse to fine.

    Each resolution has twice as many steps as the one before, noise of its own, and a residual convolution. Where it
    has no more than DIRECT steps, a dense layer of the context is added: without it a wave, which has more than half a
    cycle between the steps of the coarsest resolution, does not keep its phase over a series. The finest has none, as
    it would make smooth series rough.
    """

    def __init__(self, context: int, noise: int, steps: int, width: int) -> None:
        super().__init__()
        self.lengths = lengths(steps)[::-1]  # from the coarsest
        self.channels = widths(width, len(self.lengths))[::-1]
        self.width = width
        resolutions = list(zip(self.lengths, self.channels, strict=True))
        coarse = resolutions[:-1] or resolutions
        self.direct = nn.ModuleList(
            dense(context, length * channels) for length, channels in coarse if length <= DIRECT
        )
        self.sizes = [2**level for level in range(len(self.lengths))][::-1]  # time steps that one of each resolution is
        self.noises = nn.ModuleList(
            dense(noise * size, channels, FAINT) for size, channels in zip(self.sizes, self.channels, strict=True)
        )
        self.mixing = nn.ModuleList(TemporalConv(channels, channels, SHORT) for channels in self.channels)
        levels = zip(pairwise(self.channels), pairwise(self.lengths), strict=True)
        self.upsampling = nn.ModuleList(Upsampling(*channels, *sizes) for channels, sizes in levels)

    def forward(self, context: Tensor, noise: Tensor) -> Tensor:
        hidden = context.new_zeros(len(context), self.lengths[0], self.channels[0])
        for level, length in enumerate(self.lengths):
            if level:
                hidden = self.upsampling[level - 1](F.leaky_relu(hidden, SLOPE))
            if level < len(self.direct):
                hidden = hidden + self.direct[level](context).view_as(hidden)
            hidden = hidden + self.noises[level](in_cells(noise, length, self.sizes[level]))
            hidden = hidden + self.mixing[level](F.leaky_relu(hidden, SLOPE))
        return F.leaky_relu(hidden, SLOPE)


class RecurrentBody(Body):
    """Maps a context [n, context] and noise [n, steps, noise] to [n, steps, width] by a recurrent network.

    Each cell reads the context and its noise, and makes `steps_per_cell` time steps (DoppelGANger: Lin et al. 2020,
    section 4.1.1).
    """

    def __init__(
        self, context: int, noise: int, steps: int, width: int, cell: Cell, layers: int = 1, steps_per_cell: int = 1
    ) -> None:
        super().__init__()
        self.steps, self.width, self.steps_per_cell = steps, width, steps_per_cell
        self.recurrent = CELLS[cell](context + noise * steps_per_cell, width, layers, batch_first=True)
        self.last = dense(width, width * steps_per_cell)

    def forward(self, context: Tensor, noise: Tensor) -> Tensor:
        noises = in_cells(noise, -(-self.steps // self.steps_per_cell), self.steps_per_cell)
        inputs = torch.cat([context[:, None].expand(-1, noises.shape[1], -1), noises], 2)
        states, _ = self.recurrent(inputs)
        hidden = self.last(states).reshape(len(context), -1, self.width)[:, : self.steps]
        return F.leaky_relu(hidden, SLOPE)


def in_cells(noise: Tensor, cells: int, size: int) -> Tensor:
    """[n, steps, noise] to [n, cells, size noise]: the noise of `size` steps for each cell, zeros after the end."""
    return F.pad(noise, (0, 0, 0, cells * size - noise.shape[1])).reshape(len(noise), cells, -1)
