"""The share of generated rows that equal another generated row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._rows import columns_of

LEAST = 2


def duplicates(compared: Compared) -> Mapping[str, float]:
    """Real rows may have equals too: compare with the baseline, at one number of rows. Raises as `columns_of`."""
    columns_of(compared, LEAST)
    rows: Array = np.asarray(compared.fake.values, dtype=np.float64)
    rows = np.where(np.isnan(rows), np.finfo(np.float64).max, rows)  # missing values are equal, as for a reader
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    return {"duplicates": float(counts[counts > 1].sum() / counts.sum())}


METRIC = Metric("rows", {"duplicates": "as real"}, duplicates)
