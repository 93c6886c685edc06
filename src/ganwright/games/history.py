"""A discriminator that also meets fakes of earlier rounds (Shrivastava et al. 2017; CycleGAN's pool)."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from ganwright.core import ranks
from ganwright.core.draws import Draws


class DiscriminatorWithPool(nn.Module):
    """A discriminator with a history of `size` fakes of a shape; it sees no condition.

    The history is a buffer, so it is saved with the weights and a resumed run goes on bit for bit.
    """

    def __init__(self, discriminator: nn.Module, shape: tuple[int, ...], size: int = 50) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.register_buffer("history", torch.zeros(size, *shape))
        self.register_buffer("held", torch.zeros((), dtype=torch.int64))
        self.history: Tensor
        self.held: Tensor

    def forward(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        score: Tensor = self.discriminator(samples)
        return score

    @torch.no_grad()
    def met(self, fake: Tensor, draws: Draws) -> Tensor:
        """What the discriminator meets in place of `fake` [n, *shape].

        While the history is not full, each fake enters it and is met. Later, with probability one half, a fake changes
        places with one of the history, which is met instead. All processes hold the same history.
        """
        if not len(self.history):
            return fake
        count, first = len(fake), len(fake) * ranks.rank()
        everybody = ranks.gathered(fake).flatten(0, 1)
        chances = replace(draws, start=0, stop=len(everybody)).uniform(2)
        met = [self._changed(one, chance) for one, chance in zip(everybody, chances, strict=True)]
        return torch.stack(met[first : first + count])

    def _changed(self, fake: Tensor, chance: Tensor) -> Tensor:
        """The fake, or the one that it has changed places with."""
        size = len(self.history)
        full = self.held >= size
        place = torch.where(full, (chance[:1] * size).long().clamp_max(size - 1), self.held)  # [1]
        old = self.history.index_select(0, place)[0]
        changes = full & (chance[1] < 0.5)
        self.history.index_copy_(0, place, torch.where(changes | ~full, fake, old)[None])
        self.held.copy_((self.held + 1).clamp_max(size))
        return torch.where(changes, old, fake)
