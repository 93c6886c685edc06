"""Memorisation of tables: distances of generated rows to their closest training rows, and exact copies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.metric import Array, Compared, Metric, Samples
from ganwright.domains.table import Table
from ganwright.metrics._rows import columns_of

MIN_ROWS = 20  # of each kind
CHUNK = 512  # rows whose distances to all training rows are in memory at once


def closest_record(compared: Compared) -> Mapping[str, float]:
    """Fakes' mean distance to the closest training row over that of held-out real rows, and the share of exact copies.

    Numbers differ in units of the training part's standard deviations, two categories by 1; the distance is Euclidean.
    New rows give about 1, copies 0. If every held-out row has a copy among the training rows, the quotient is undefined
    and reported as 1 if every fake has one too. Raises TooFewError below 20 rows.
    """
    assert compared.train is not None  # METRIC.needs has it
    columns = columns_of(compared, MIN_ROWS)
    fake = closest(compared.fake.values, compared.train.values, columns)
    real = closest(compared.real.values, compared.train.values, columns)
    quotient = fake.mean() / real.mean() if real.mean() > 0 else 1.0 if fake.mean() == 0 else np.inf
    return {"closest_record": float(quotient), "copies": copies(compared.fake, compared.train)}


def closest(rows: Array, train: Array, columns: tuple[Column, ...]) -> Array:
    """[n], each row's distance to the nearest training row."""
    points, others = _embedded(rows, columns), _embedded(train, columns)
    squares = others.square().sum(dim=1)
    distances = []
    for part in points.split(CHUNK):
        nearest = (squares - 2 * part @ others.T).argmin(dim=1)  # |x - y|^2 without |x|^2
        distances.append((part - others[nearest]).norm(dim=1))
    return torch.cat(distances).numpy()


def copies(fake: Samples, train: Samples) -> float:
    """The share of fakes that equal a training row in every column."""
    known = {row.tobytes() for row in np.ascontiguousarray(train.values, dtype=np.float64) + 0.0}  # + 0.0: no -0.0
    return float(np.mean([row.tobytes() in known for row in np.ascontiguousarray(fake.values, dtype=np.float64) + 0.0]))


def _embedded(rows: Array, columns: tuple[Column, ...]) -> Tensor:
    """Encoded rows, float64, scaled so that two different categories are 1 apart instead of sqrt 2."""
    table = Table(columns)
    scale = [1.0 if not column.categories else np.sqrt(0.5) for column in columns for _ in range(column.width)]
    return table.encode(torch.from_numpy(np.array(rows, dtype=np.float64))).double() * torch.tensor(scale).double()


METRIC = Metric("rows", {"closest_record": "as real", "copies": "as real"}, closest_record, needs=frozenset({"train"}))
