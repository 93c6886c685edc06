"""A discriminator with a pool of fakes from earlier steps (Shrivastava et al. 2017; CycleGAN's image pool)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ganwright.core import ranks
from ganwright.core.draws import Draws


class DiscriminatorWithPool(nn.Module):
    """An unconditional discriminator with a pool of `size` fakes of a given shape.

    The pool is the buffer `history`, so it is saved with the weights and runs resume bit for bit.
    """

    def __init__(self, discriminator: nn.Module, shape: tuple[int, ...], size: int = 50) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.register_buffer("history", torch.zeros(size, *shape))
        self.register_buffer("held", torch.zeros((), dtype=torch.int64))
        self.history: Tensor
        self.held: Tensor

    def forward(self, samples: Tensor, condition: Tensor | None = None) -> Any:
        return self.discriminator(samples)

    @torch.no_grad()
    def query(self, fake: Tensor, draws: Draws) -> Tensor:
        """The samples to show the discriminator in place of `fake` [n, *shape].

        Until the pool is full, each fake is added to it and returned. After that, with probability one half, a fake is
        exchanged for one of the pool. All processes hold the same pool. A row of the global batch has the same chances
        in any micro-batch and process. Micro-batches of several processes exchange their fakes in another order than
        one process does: part by part, each from the first process to the last.
        """
        if not len(self.history):
            return fake
        count, first = len(fake), len(fake) * ranks.rank()
        fakes = ranks.gathered(fake).flatten(0, 1)  # of all processes
        chances = ranks.gathered(draws.sized(count).uniform(2)).flatten(0, 1)
        shown = [self._exchanged(one, chance) for one, chance in zip(fakes, chances, strict=True)]
        return torch.stack(shown[first : first + count])

    def over_parts(self, size: int) -> str:
        return "" if ranks.size() == 1 else "the pools exchange their fakes in another order"

    def _exchanged(self, fake: Tensor, chance: Tensor) -> Tensor:
        """The fake, or the one of the pool that it replaces."""
        size = len(self.history)
        full = self.held >= size
        place = torch.where(full, (chance[:1] * size).long().clamp_max(size - 1), self.held)  # [1]
        old = self.history.index_select(0, place)[0]
        replaces = full & (chance[1] < 0.5)
        self.history.index_copy_(0, place, torch.where(replaces | ~full, fake, old)[None])
        self.held.copy_((self.held + 1).clamp_max(size))
        return torch.where(replaces, old, fake)
