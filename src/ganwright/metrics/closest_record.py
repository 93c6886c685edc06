"""Whether a generator repeats the rows it was trained on: the distance to the closest of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.domains.table import Table
from ganwright.metrics._rows import columns_of

FEWEST = 20  # rows of each kind
CHUNK = 512  # rows whose distances to all training rows are held at once


def closest_record(compared: Compared) -> Mapping[str, float]:
    """Mean distance to the closest training row, of fakes by that of held-out real rows; and the share of exact copies.

    Numbers are apart by their difference in the training part's standard deviations, two categories by 1; the distance
    is Euclidean. Rows that are new to the generator, as the real ones are, give 1; copies give 0. Where even every
    held-out row has its copy among the training rows the quotient says nothing, and is 1 if every fake has one too.
    A TooFewError below 20 rows.
    """
    assert compared.train is not None  # it is among the metric's needs
    columns = columns_of(compared, FEWEST)
    fake = closest(compared.fake.values, compared.train.values, columns)
    real = closest(compared.real.values, compared.train.values, columns)
    quotient = fake.mean() / real.mean() if real.mean() > 0 else 1.0 if fake.mean() == 0 else np.inf
    return {"closest_record": float(quotient), "copies": copies(compared.fake, compared.train)}


def closest(rows: Array, train: Array, columns: tuple[Column, ...]) -> Array:
    """[n], each row's distance to the nearest of the training rows."""
    places, others = _placed(rows, columns), _placed(train, columns)
    squares = others.square().sum(dim=1)
    found = []
    for part in places.split(CHUNK):
        nearest = (squares - 2 * part @ others.T).argmin(dim=1)  # |x - y|^2 without |x|^2
        found.append((part - others[nearest]).norm(dim=1))
    return torch.cat(found).numpy()


def copies(fake: Samples, train: Samples) -> float:
    """The share of fakes that stand among the training rows, number for number and word for word."""
    known = {row.tobytes() for row in np.ascontiguousarray(train.values, dtype=np.float64) + 0.0}  # no minus zero
    return float(np.mean([row.tobytes() in known for row in np.ascontiguousarray(fake.values, dtype=np.float64) + 0.0]))


def _placed(rows: Array, columns: tuple[Column, ...]) -> Tensor:
    """Encoded rows, float64, where two different categories are 1 apart and not sqrt 2."""
    table = Table(columns)
    scale = [1.0 if not column.categories else np.sqrt(0.5) for column in columns for _ in range(column.width)]
    return table.encode(torch.from_numpy(np.array(rows, dtype=np.float64))).double() * torch.tensor(scale).double()


METRIC = Metric("rows", {"closest_record": "as real", "copies": "as real"}, closest_record, needs=frozenset({"train"}))
