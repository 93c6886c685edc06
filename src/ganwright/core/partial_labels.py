"""Class labels of which only some are known to a game: their encoding, and means over some rows of a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganwright.core.condition import Unconditional
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.forward_pass import ForwardPass
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


def hidden_rows(forward: ForwardPass) -> Tensor:
    """Weights [n] of the real samples: 1 where the class is hidden, otherwise 0."""
    return (forward.condition < 0).to(forward.real.dtype)


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """The mean of [n, ...] over the first dimension with weights [n] of 0 or 1; 0 if all weights are 0."""
    total: Tensor = torch.tensordot(weights, values, dims=1) / weights.sum().clamp_min(1)
    return total
