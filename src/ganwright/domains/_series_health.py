"""What health checks compare of encoded series: what a decoded series would show, and traits of its curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.column import Column
from ganwright.domains._column_values import rounded


@dataclass(frozen=True)
class Shown:
    """The parts of encoded series that decoding would show; after the end of a series all features are 0."""

    features: tuple[Tensor, ...]  # [n, time, width] each: scaled numbers, or one-hot categories
    attributes: tuple[Tensor, ...]  # [n, width] each
    lasts: Tensor  # bool [n, time]


def shown(encoded: Tensor, features: Sequence[Column], attributes: Sequence[Column], variable: bool) -> Shown:
    """The parts of series encoded by the domain `Series`."""
    widths = [column.width for column in features], [column.width for column in attributes]
    values, flag, constant = encoded.split([sum(widths[0]), int(variable), sum(widths[1])], 2)
    lasts = torch.ones_like(values[..., 0], dtype=torch.bool)
    if variable:
        lasts = (flag[..., 0] > 0.5).index_fill(1, torch.tensor([0], device=flag.device), True).cumprod(1).bool()
    each = [_decided(*one) for one in zip(features, values.split(widths[0], 2), strict=True)]
    once = [_decided(*one) for one in zip(attributes, constant[:, 0].split(widths[1], 1), strict=True)]
    return Shown(tuple(one * lasts.unsqueeze(2) for one in each), tuple(once), lasts)


def _decided(column: Column, part: Tensor) -> Tensor:
    """The category of the largest value, one-hot; or the number, rounded to the resolution."""
    if column.categories:
        return F.one_hot(part.argmax(-1), column.width).to(part.dtype)
    return (rounded(column, part * column.scale + column.shift) - column.shift) / column.scale


def changes(values: Tensor, lasts: Tensor) -> Tensor:
    """The root mean square of x(t + lag) - x(t) of each series, for the lags 1, 2, 4, ..., and of second differences.

    Values are [n, time], the result [n, lags + 1]. A series that is too short has 0.
    """
    lags = [2**power for power in range(values.shape[1].bit_length()) if 2**power < values.shape[1]]
    differences = [(values[:, lag:] - values[:, :-lag], lasts[:, lag:]) for lag in lags]
    second = values[:, 2:] - 2 * values[:, 1:-1] + values[:, :-2]
    return torch.stack([_size(*one) for one in (*differences, (second, lasts[:, 2:]))], 1)


def _size(values: Tensor, lasts: Tensor) -> Tensor:
    return ((values.square() * lasts).sum(1) / lasts.sum(1).clamp_min(1)).sqrt()


def correlations(numbers: Sequence[Tensor], lasts: Tensor) -> Tensor:
    """1 + the correlation of the changes of each feature with those of the next one in each series: [n, features - 1].

    It is taken about 0, and is 0 where a feature does not change; with 1 added its size is that of its range.
    """
    steps = [(values[:, 1:] - values[:, :-1]) * lasts[:, 1:] for values in numbers]
    pairs = [1 + F.cosine_similarity(one, other, dim=1) for one, other in pairwise(steps)]
    return torch.stack(pairs, 1) if pairs else lasts.new_zeros(len(lasts), 0).float()
