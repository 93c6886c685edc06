"""Penalties on what a discriminator makes of samples before its network: gradients with respect to views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from ganwright.core.draws import Draws
from ganwright.games.two_player import Penalty, Score, of_batch


@dataclass(frozen=True)
class ViewPenalty:
    """A penalty whose gradient is taken with respect to the views of samples; the score must accept views.

    The gradient of a spectrogram in decibels with respect to the waveform is as large as silence is quiet, so that a
    penalty of it would keep a discriminator from listening to anything quiet.
    """

    penalty: Penalty
    view: Callable[[Tensor], Tensor]

    def of_batch(self, real: Tensor) -> ViewPenalty:
        return replace(self, penalty=of_batch(self.penalty, lambda: self.view(real)))

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return self.penalty(score, self.view(real), self.view(fake), draws)
