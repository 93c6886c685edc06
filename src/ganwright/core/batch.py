"""A batch: real samples and, for conditional games, their conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from torch import Tensor

from ganwright.core.errors import UserError


@dataclass(frozen=True)
class Batch:
    """`real` is [batch, *sample shape], encoded for the networks; `condition` has the same first dimension.

    A micro-batch knows the `whole` batch that it is a part of, so that statistics of real samples and of conditions
    are those of the whole. Replacing its tensors leaves `whole` as it was: use `mapped`.
    """

    real: Tensor
    condition: Tensor | None = None
    origin: Callable[[], Batch] | None = field(default=None, repr=False, compare=False)  # of a micro-batch

    def __len__(self) -> int:
        return len(self.real)

    @property
    def given_condition(self) -> Tensor:
        """The condition; a UserError if there is none."""
        if self.condition is None:
            raise UserError("A loss needs a condition for each sample, such as its class, but the recipe has none.")
        return self.condition

    @property
    def whole(self) -> Batch:
        """This process's share of the global batch, before it is split into micro-batches."""
        return self if self.origin is None else self.origin()

    def rows(self, rows: slice) -> Batch:
        """Some rows, as a micro-batch."""
        condition = None if self.condition is None else self.condition[rows]
        return Batch(self.real[rows], condition, lambda: self.whole)

    def mapped(self, change: Callable[[Batch], Batch]) -> Batch:
        """The batch after a `change` that acts on each row alone, so that the whole batch is changed alike."""
        origin = self.origin
        return change(self) if origin is None else replace(change(self), origin=lambda: change(origin()))
