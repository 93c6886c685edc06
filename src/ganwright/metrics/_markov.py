"""Markov chains of strings: n-gram models of maximum likelihood, without smoothing (Shannon 1948, part I)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganwright.core.draws import generator
from ganwright.metrics._strings import Codes, with_end


@dataclass(frozen=True)
class MarkovChain:
    """The transitions that occur: a context, the symbol that follows it, and the sum of all counts up to it.

    A context is the `order` symbols before a place, numbered by their codes as digits, with a begin before the first
    symbol. Transitions are sorted by context and symbol.
    """

    order: int
    symbols: int
    contexts: NDArray[np.int64]  # [transitions]
    following: NDArray[np.int64]  # [transitions], `symbols` for the end
    cumulative: NDArray[np.int64]  # [transitions]

    @property
    def base(self) -> int:
        """The number of digits: symbols, the end, and the begin."""
        return self.symbols + 2

    @property
    def beginning(self) -> int:
        """The context of the first symbol."""
        return sum((self.symbols + 1) * self.base**place for place in range(self.order))

    def sample(self, count: int, length: int, *key: object) -> Codes:
        """Strings [count, length], cut after `length` symbols; a pure function of `key`."""
        random = generator("markov", self.order, *key)
        codes = np.full((count, length), self.symbols, dtype=np.int64)
        context = np.full(count, self.beginning)
        lasting = np.arange(count)
        for step in range(length):
            drawn = self._following(context, random.random(len(lasting)))
            codes[lasting, step] = drawn
            lasts = drawn != self.symbols
            lasting = lasting[lasts]
            context = (context[lasts] * self.base + drawn[lasts]) % self.base**self.order
        return codes

    def _following(self, context: NDArray[np.int64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
        """The symbols drawn after these contexts."""
        before = np.concatenate([[0], self.cumulative])
        low = before[np.searchsorted(self.contexts, context, "left")]
        high = before[np.searchsorted(self.contexts, context, "right")]
        places = np.searchsorted(self.cumulative, low + (uniform * (high - low)).astype(np.int64), "right")
        drawn: NDArray[np.int64] = self.following[places]
        return drawn


def fitted(strings: Codes, symbols: int, order: int) -> MarkovChain:
    """The chain of an `order` from 1 to 3 whose transitions have the frequencies in strings [n, length]."""
    base = symbols + 2
    padded = np.pad(with_end(strings, symbols), ((0, 0), (order, 0)), constant_values=symbols + 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, order + 1, axis=1)
    windows = windows[windows[..., -2] != symbols]  # places up to the end of each string
    numbers = windows @ (np.int64(base) ** np.arange(order, -1, -1, dtype=np.int64))
    transitions, counts = np.unique(numbers, return_counts=True)
    return MarkovChain(order, symbols, transitions // base, transitions % base, np.cumsum(counts))
