"""Class labels of which only some are known to a game: their encoding, and means over some rows of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.batch import Batch
from ganwright.core.condition import Unconditional
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.global_batch import summed
from ganwright.core.order import Rows


@dataclass(frozen=True, eq=False)
class SomeLabels(Unconditional):
    """The condition of a batch: the class of each row in `known`, and ~class (below 0) of all others.

    Samples are unconditional. Classes below 0 are not used for training, only for accuracies in the log. `known` has
    `count` rows, chosen by `seed`.
    """

    count: int
    seed: int
    known: Rows

    @classmethod
    def chosen(cls, data: Data, count: int, seed: int) -> SomeLabels:
        """Chooses about `count` / K rows of each class, or all rows of smaller classes."""
        order = generator("labelled", seed).permutation(len(data))
        classes = np.asarray(data.labels)[order]
        shares = [(place + 1) * count // len(data.classes) for place in range(-1, len(data.classes))]
        rows = [order[classes == k][: shares[k + 1] - shares[k]] for k in range(len(data.classes))]
        return cls(count, seed, np.sort(np.concatenate(rows)))

    def with_data(self, data: Data) -> SomeLabels:
        return self.chosen(data, self.count, self.seed)

    def for_rows(self, data: Data, rows: Rows) -> Tensor:  # type: ignore[override]
        classes = np.asarray(data.labels, dtype=np.int64)[rows]
        return torch.from_numpy(np.where(np.isin(rows, self.known), classes, ~classes))


def classes_of(labels: Tensor) -> Tensor:
    """The classes [n] of labels of `SomeLabels`, known or hidden."""
    return torch.where(labels < 0, ~labels, labels)


RowWeights = Callable[[Batch], Tensor]  # weights [n], 0 or 1, of a batch's real samples


def every_row(batch: Batch) -> Tensor:
    """1 for all real samples."""
    return batch.real.new_ones(len(batch))


def hidden_rows(batch: Batch) -> Tensor:
    """1 where the class is hidden."""
    return (batch.given_condition < 0).to(batch.real.dtype)


def known_rows(batch: Batch) -> Tensor:
    """1 where the class is known."""
    return 1 - hidden_rows(batch)


def mean_over(values: Tensor, rows: RowWeights, batch: Batch) -> Tensor:
    """This part's share of the mean of `values` [n, ...] over those rows of the global batch that `rows` selects.

    The mean of the shares, over the micro-batches by their sizes and over the processes, is the mean over the global
    batch, though parts differ in how many of their rows are selected. It is 0 if none are.
    """
    whole = batch.whole
    selected = ranks.gathered(rows(whole).sum()).sum().clamp_min(1)  # of the global batch
    total: Tensor = torch.tensordot(rows(batch), values, dims=1) / (selected * (len(batch) / len(whole) / ranks.size()))
    return total


def mean_in_part(values: Tensor, rows: RowWeights, batch: Batch) -> Tensor:
    """The mean of `values` [n, ...] over the selected rows of a micro-batch, in all processes; 0 if there are none.

    For functions of a mean that are not linear; see `mean_over` for those that are.
    """
    weights = rows(batch)
    total: Tensor = summed(torch.tensordot(weights, values, dims=1)) / summed(weights.sum()).clamp_min(1)
    return total
