"""The DRAGAN penalty: gradient norm 1 in the neighbourhood of real samples."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from torch import Tensor

from ganwright.core.draws import Draws
from ganwright.core.global_batch import deviation
from ganwright.penalties._gradient import Score, distance_from_one

SCALE = 0.5  # standard deviations of the real batch, as in the authors' code


@dataclass(frozen=True)
class Dragan:
    """Kodali et al. 2017, algorithm 1: weight * E (|grad D(x + noise)| - 1)^2 at real x.

    The noise is that of the authors' code: a random share of .5 std U, U uniform on [0, 1) in each dimension. std is
    the deviation of all numbers of the real samples of the global batch.
    """

    weight: float = 10.0
    std: Tensor | None = field(default=None, repr=False, compare=False)  # None: that of the samples of the call

    def of_batch(self, real: Tensor) -> Dragan:
        """The penalty of the micro-batches of a batch; a collective operation."""
        return replace(self, std=deviation(real))

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        std = deviation(real) if self.std is None else self.std
        draws = draws.sized(len(real))
        share = draws.at("share").uniform(*[1] * (real.dim() - 1))  # [n, 1, ...]
        noise = SCALE * std * draws.at("noise").uniform(*real.shape[1:])
        return self.weight * distance_from_one(score, real + share * noise)
