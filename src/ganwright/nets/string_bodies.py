"""Bodies of generators of strings: all symbols at once by convolutions, or one after another by a recurrent network."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.string_generator import Choice, StringBody
from ganwright.nets.temporal import TemporalConv, dense
from ganwright.nets.temporal_generator import Cell

SHARE = 0.3  # of a residual block that is added
LOWEST = -30.0  # score of what is not chosen


class ResidualConv(nn.Module):
    """x + 0.3 conv(relu(conv(relu(x)))) over time, [n, time, width] (Gulrajani et al. 2017, program)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.ReLU(), TemporalConv(width, width), nn.ReLU(), TemporalConv(width, width))

    def forward(self, series: Tensor) -> Tensor:
        changed: Tensor = series + SHARE * self.layers(series)
        return changed


class ConvStrings(StringBody):
    """A dense layer to [n, length, width], residual convolutions, and scores (Gulrajani et al. 2017, section 5.5).

    Other than there nothing but ends follows an end.
    """

    def __init__(self, context: int, shape: tuple[int, int], width: int, blocks: int) -> None:
        super().__init__()
        length, symbols = shape
        self.first = dense(context, length * width, 1.0)
        self.blocks = nn.Sequential(*(ResidualConv(width) for _ in range(blocks)))
        self.last = dense(width, symbols, 1.0)
        self.shape = length, width

    def forward(self, context: Tensor, noise: Tensor, choice: Choice) -> Tensor:
        symbols = choice(self._scores(context), noise)
        found, lasts = [], symbols.new_ones(len(symbols), 1)
        for symbol in symbols.unbind(1):
            found.append(or_end(symbol, lasts))
            lasts = 1 - found[-1][:, -1:]
        return torch.stack(found, 1)

    def scores(self, context: Tensor, strings: Tensor) -> Tensor:
        return self._scores(context)

    def _scores(self, context: Tensor) -> Tensor:
        scores = self.last(self.blocks(self.first(context).unflatten(1, self.shape)))
        return torch.cat([without_end(scores[:, :1]), scores[:, 1:]], 1)


class RecurrentStrings(StringBody):
    """Recurrent layers, whose state begins as a dense layer of the context; they read each symbol that was chosen.

    A symbol is learned for itself and for what follows it: the gradient flows through what was read.
    """

    def __init__(self, context: int, shape: tuple[int, int], width: int, cell: Cell, layers: int = 1) -> None:
        super().__init__()
        self.length, symbols = shape
        cells = [CELLS[cell](width if layer else symbols, width) for layer in range(layers)]
        self.cells, self.states = nn.ModuleList(cells), [one.state for one in cells]
        self.first = dense(context, sum(self.states), 1.0)
        self.last = dense(width, symbols, 1.0)

    def forward(self, context: Tensor, noise: Tensor, choice: Choice) -> Tensor:
        states = self._states(context)
        symbol, lasts = context.new_zeros(len(context), self.last.out_features), context.new_ones(len(context), 1)
        found: list[Tensor] = []
        for place in range(self.length):
            scores = self.last(self._read(symbol, states))
            symbol = or_end(choice(scores if found else without_end(scores), noise[:, place]), lasts)
            lasts = 1 - symbol[:, -1:]
            found.append(symbol)
        return torch.stack(found, 1)

    def scores(self, context: Tensor, strings: Tensor) -> Tensor:
        states, before = self._states(context), F.pad(strings[:, :-1], (0, 0, 1, 0))
        scores = self.last(torch.stack([self._read(symbol, states) for symbol in before.unbind(1)], 1))
        return torch.cat([without_end(scores[:, :1]), scores[:, 1:]], 1)

    def _states(self, context: Tensor) -> list[Tensor]:
        """The first state of each layer."""
        return list(self.first(context).tanh().split(self.states, 1))

    def _read(self, symbol: Tensor, states: list[Tensor]) -> Tensor:
        """The outputs [n, width] after a symbol; the states are replaced by the next."""
        hidden = symbol
        for layer, cell in enumerate(self.cells):
            hidden, states[layer] = cell(hidden, states[layer])
        return hidden


class RecurrentCell(nn.Module, ABC):
    """Maps inputs [n, inputs] and a state [n, state] to outputs [n, width] and the next state."""

    state: int

    @abstractmethod
    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]: ...


class GruCell(RecurrentCell):
    """Cho et al. 2014."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.state, self.cell = width, nn.GRUCell(inputs, width)

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        state = self.cell(inputs, state)
        return state, state


class LstmCell(RecurrentCell):
    """Hochreiter & Schmidhuber 1997; the state are the outputs and the cell's memory."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.state, self.cell = 2 * width, nn.LSTMCell(inputs, width)

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        hidden, memory = self.cell(inputs, state.chunk(2, 1))
        return hidden, torch.cat([hidden, memory], 1)


CELLS: dict[Cell, type[GruCell] | type[LstmCell]] = {"gru": GruCell, "lstm": LstmCell}


def without_end(scores: Tensor) -> Tensor:
    """Scores [..., symbols + 1] by which the end is not chosen: a string has one symbol at least."""
    return F.pad(scores[..., :-1], (0, 1), value=LOWEST)


def or_end(symbol: Tensor, lasts: Tensor) -> Tensor:
    """Symbols [n, symbols + 1] to the extent that strings last, [n, 1], and the end for the rest."""
    end = F.pad(torch.zeros_like(symbol[:, 1:]), (0, 1), value=1.0)
    return end.lerp(symbol, lasts)
