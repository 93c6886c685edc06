"""Discrete values with the gradients of continuous ones, and noise to draw them by."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LINEAR = 0.05  # gradient of a category with respect to its logit, at least


def gumbel(normal: Tensor) -> Tensor:
    """Values of the standard Gumbel distribution of standard normal ones, from -2.6 to 13.8."""
    uniform = (0.5 + 0.5 * torch.erf(normal * 2**-0.5)).clamp(1e-6, 1 - 1e-6)
    return -torch.log(-torch.log(uniform))


def one_hot(logits: Tensor) -> Tensor:
    """One-hot vectors [..., categories] of the largest logit, with the gradient of the softmax and a small linear part.

    That of the softmax alone vanishes where one logit is much larger than the others: a category that is lost then
    never returns.
    """
    soft = logits.softmax(-1) + LINEAR * logits
    hard = F.one_hot(logits.argmax(-1), logits.shape[-1]).to(soft.dtype)
    return straight_through(hard, soft)


def straight_through(hard: Tensor, soft: Tensor) -> Tensor:
    """The value of `hard` with the gradient of `soft`."""
    return hard + (soft - soft.detach())
