"""Statistics of a global batch that is split over processes, each of which has equally many rows."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from ganwright.core import ranks


class Sum(torch.autograd.Function):
    """The sum over the processes, differentiable any number of times; its gradient is summed over them, too."""

    @staticmethod
    def forward(ctx: object, value: Tensor) -> Tensor:
        return ranks.gathered(value).sum(0)

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return cast(Tensor, Sum.apply(gradients[0]))


def summed(value: Tensor) -> Tensor:
    """The sum of `value` over the processes, differentiable: a collective operation, forward and backward."""
    return value if ranks.size() == 1 else cast(Tensor, Sum.apply(value))


def mean(value: Tensor) -> Tensor:
    """As `summed`, the mean."""
    return value if ranks.size() == 1 else summed(value) / ranks.size()


def deviation(values: Tensor) -> Tensor:
    """The standard deviation, with 1/n, of all numbers in all processes; no gradient. A collective operation."""
    if ranks.size() == 1:
        return values.std(correction=0)
    variances, means = ranks.gathered(torch.stack(torch.var_mean(values.detach(), correction=0))).unbind(1)
    return (variances + (means - means.mean()).square()).mean().sqrt()
