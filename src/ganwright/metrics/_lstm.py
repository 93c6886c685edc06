"""A recurrent language model, trained by likelihood to predict each symbol of a string from those before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.draws import generator
from ganwright.metrics._strings import Codes
from ganwright.metrics._training import trained

BATCH = 128
SAMPLED = 1024  # strings at a time


@dataclass(frozen=True)
class Size:
    """The network, and its training: at most `epochs`, and about `symbols` symbols with the padding of strings."""

    embedding: int = 32
    state: int = 128
    epochs: int = 8
    symbols: int = 4_000_000
    lr: float = 4e-3


DEFAULT = Size()


class LanguageModel(nn.Module):
    """One LSTM layer (Hochreiter & Schmidhuber 1997) over embedded symbols; the code `symbols` is end and begin.

    Codes [n, length] to scores [n, length + 1, symbols + 1] of the symbol at each place and of the end.
    """

    def __init__(self, symbols: int, size: Size) -> None:
        super().__init__()
        self.symbols = symbols
        self.embedding = nn.Embedding(symbols + 1, size.embedding)
        self.layer = nn.LSTM(size.embedding, size.state, batch_first=True)
        self.last = nn.Linear(size.state, symbols + 1)

    def forward(self, codes: Tensor) -> Tensor:
        begun = F.pad(codes, (1, 0), value=self.symbols)
        scores: Tensor = self.last(self.layer(self.embedding(begun))[0])
        return scores

    @torch.no_grad()
    def sample(self, count: int, length: int, *key: object) -> Codes:
        """Strings [count, length], with at least one symbol and cut after `length`; a pure function of `key`."""
        random = generator("language model", *key)
        starts = range(0, count, SAMPLED)
        return np.concatenate([self._drawn(min(SAMPLED, count - start), length, random) for start in starts])

    def _drawn(self, count: int, length: int, random: np.random.Generator) -> Codes:
        drawn = torch.full((count, length), self.symbols)
        symbol, state, lasting = torch.full((count, 1), self.symbols), None, torch.arange(count)
        for step in range(length):
            features, state = self.layer(self.embedding(symbol), state)
            scores = self.last(features[:, 0]).double()
            if not step:
                scores[:, self.symbols] = -torch.inf
            uniform = torch.from_numpy(random.random((len(lasting), 1)))
            code = (scores.softmax(1).cumsum(1) <= uniform).sum(1).clamp_max(self.symbols)
            drawn[lasting, step] = code
            lasts = code != self.symbols
            lasting, symbol = lasting[lasts], code[lasts, None]
            state = (state[0][:, lasts], state[1][:, lasts])
        return drawn.numpy()


def fitted(strings: Codes, symbols: int, size: Size = DEFAULT) -> LanguageModel:
    """The network after a fixed number of Adam steps on strings [n, length]; deterministic on one number of threads."""
    codes = torch.from_numpy(strings)
    per_epoch = -(-len(strings) // BATCH)
    steps = max(min(size.epochs * per_epoch, size.symbols // (BATCH * (strings.shape[1] + 1))), 1)
    network = trained(lambda: LanguageModel(symbols, size), codes, codes, _loss, steps, size.lr, BATCH)
    assert isinstance(network, LanguageModel)
    return network


def _loss(scores: Tensor, codes: Tensor) -> Tensor:
    """The mean negative log-likelihood of symbols and ends."""
    end = scores.shape[2] - 1
    ended = F.pad(codes, (0, 1), value=end)
    before_end = F.pad(codes != end, (1, 0), value=True)
    return F.cross_entropy(scores[before_end], ended[before_end])
