"""A batch: real samples and, for conditional games, their conditions."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """`real` is [batch, *sample shape], encoded for the networks; `condition` has the same first dimension."""

    real: Tensor
    condition: Tensor | None = None

    def __len__(self) -> int:
        return len(self.real)

    def rows(self, rows: slice) -> Batch:
        return Batch(self.real[rows], None if self.condition is None else self.condition[rows])
