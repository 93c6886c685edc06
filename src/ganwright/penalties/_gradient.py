"""Gradients of the score with respect to the samples, shared by all penalties."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Score = Callable[[Tensor], Tensor]


def squared_norm(score: Score, samples: Tensor) -> Tensor:
    """|grad D(x)|^2 at each of `samples` [n, *shape], summed over the sample's dimensions: [n], differentiable.

    Uses one backward pass for all samples, so the score of a sample must not depend on the others.
    """
    samples = samples.detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(score(samples).sum(), samples, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def distance_from_one(score: Score, samples: Tensor) -> Tensor:
    """E (|grad D(x)| - 1)^2 over `samples`; 1e-12 makes the root differentiable at zero."""
    return (squared_norm(score, samples).add(1e-12).sqrt() - 1).square().mean()
