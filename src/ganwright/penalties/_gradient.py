"""Gradients of the score with respect to the samples, shared by all penalties."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Score = Callable[[Tensor], Tensor]


def squared_norm(score: Score, samples: Tensor) -> Tensor:
    """|grad D(x)|^2 at each of `samples` [n, *shape], summed over the sample's dimensions: [n], differentiable.

    D(x) is the mean score over patches where a discriminator has several for a sample, as in the losses, so that a
    penalty's weight does not depend on their number. FUNIT's R1 (Liu et al. 2019) differentiates the mean, too; StarGAN
    (Choi et al. 2018) and the gradient penalty in CycleGAN's program differentiate the sum, whose R1 is up to patches^2
    times as large.

    Uses one backward pass for all samples, so the score of a sample must not depend on the others.
    """
    samples = samples.detach().requires_grad_()
    with torch.enable_grad():
        means = score(samples).reshape(len(samples), -1).mean(1)
        (gradient,) = torch.autograd.grad(means.sum(), samples, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def distance_from_one(score: Score, samples: Tensor) -> Tensor:
    """E (|grad D(x)| - 1)^2 over `samples`; 1e-12 makes the root differentiable at zero."""
    return (squared_norm(score, samples).add(1e-12).sqrt() - 1).square().mean()
