"""A minimal game, for tests of core and execution."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.player import Player
from ganwright.core.turn import Terms


@dataclass
class Lonely:
    """A game of one player, whose loss depends on a batch and noise; `disturb` modifies it."""

    network: nn.Module
    disturb: Callable[["Lonely", Tensor], Tensor] = lambda game, value: value
    share: float = 1.0
    count: int = 0

    def __post_init__(self) -> None:
        self.players = {"one": Player(self.network, lambda p: torch.optim.Adam(p, lr=0.1, fused=True))}

    def terms(self, batch: Batch, draws: Draws) -> Terms:
        value = (self.network(batch.real) - draws.normal(1)).square().mean() * self.share
        value = self.disturb(self, value)
        return Terms({"one": value}, {"value": value})
