"""Encodes the values of a column for the networks, decodes them, and writes them as text."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.domain import Stored
from ganwright.domains._parquet import Values

BOOLEANS = ("false", "true")  # as a text has those of a .parquet
LARGE = 2**63  # integers of a .parquet have 64 bits


def encoded(column: Column, values: Tensor) -> Tensor:
    """[...] to [..., width]."""
    dtype = torch.get_default_dtype()
    if column.categories:
        return F.one_hot(values.long(), column.width).to(dtype)
    scaled = (values.double() - column.shift) / column.scale  # a float32 may not hold the shift of a narrow range
    if column.mark is None:
        return scaled.to(dtype).unsqueeze(-1)
    missing = values.isnan()
    return torch.stack([scaled.masked_fill(missing, 0.0), missing.to(scaled.dtype)], dim=-1).to(dtype)


def decoded(column: Column, part: Tensor) -> Tensor:
    """float64 [..., width] to [...]: the category of the largest value, or the number, rounded to the resolution.

    In a column with a mark NaN is a missing number, so a number that a network made of NaN becomes infinite.
    """
    if column.categories:
        return part.argmax(dim=-1).double()
    values = rounded(column, part[..., 0] * column.scale + column.shift)
    if column.mark is None:
        return values
    return values.nan_to_num(math.inf, math.inf, -math.inf).masked_fill(part[..., 1] > 0.5, math.nan)


def rounded(column: Column, values: Tensor) -> Tensor:
    """Numbers as multiples of the column's resolution; those that have none stay as they are."""
    if column.resolution == 0:
        return values
    if column.resolution >= 1:
        return (values / column.resolution).round() * column.resolution + 0.0  # -0 becomes 0
    times = round(1 / column.resolution)  # 3 / 100 is the float64 nearest to 0.03, 3 * 0.01 is not
    return (values * times).round() / times + 0.0


def as_texts(column: Column, values: Stored) -> list[str]:
    """Values [n] as written to a file: the names of categories, numbers with nine digits, and missing ones' mark."""
    if column.categories:
        return [column.categories[int(code)] for code in values]
    form = ".0f" if column.integer else ".9g"
    return [str(column.mark) if np.isnan(value) and column.mark is not None else f"{value:{form}}" for value in values]


def as_shortest_texts(column: Column, values: Stored) -> list[str]:
    """As `as_texts`, with as many digits as tell numbers of this dtype apart."""
    if column.categories or column.integer:
        return as_texts(column, values)
    texts: list[str] = values.astype(str).tolist()
    return texts


def as_typed(column: Column, values: Stored) -> Values:
    """Values [n] as a column of a .parquet: words, or true and false, of categories, whole numbers as such."""
    if set(column.categories) == set(BOOLEANS):
        return [column.categories[int(code)] == BOOLEANS[1] for code in values]
    if column.categories:
        return as_texts(column, values)
    missing: Stored = np.isnan(values)
    whole = column.integer and bool((np.abs(values[~missing]) < LARGE).all())
    if missing.any():
        return [None if np.isnan(value) else int(value) if whole else float(value) for value in values]
    return values.astype(np.int64) if whole else values
