"""The average (EMA) of a player's weights, which samples are drawn from."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn


class Average:
    """An exponential moving average counted in images; float buffers are averaged too, others copied.

    The half-life is `half_life` images, but never more than `share` of the images seen, so that the untrained
    weights are soon forgotten (Karras et al. 2020, StyleGAN2-ADA, ramps it the same way).
    """

    def __init__(self, network: nn.Module, half_life: float, share: float = 0.05) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.half_life = half_life
        self.share = share

    @torch.no_grad()
    def update(self, network: nn.Module, images: int, batch: int) -> None:
        """Moves towards `network` after a step on `batch` images, `images` having been seen."""
        beta = 0.5 ** (batch / max(min(self.half_life, self.share * images), 1e-8))
        floats, others = _pairs(self.network, network)
        if floats:
            mine, theirs = zip(*floats, strict=True)
            torch._foreach_lerp_(list(mine), list(theirs), 1 - beta)
        for mine_, theirs_ in others:
            mine_.copy_(theirs_)


def _pairs(mine: nn.Module, theirs: nn.Module) -> tuple[list[tuple[Tensor, Tensor]], list[tuple[Tensor, Tensor]]]:
    """Corresponding tensors of two copies of a network: the floating ones and the others."""

    def tensors(network: nn.Module) -> Iterable[Tensor]:
        yield from network.parameters()
        yield from network.buffers()

    pairs = list(zip(tensors(mine), tensors(theirs), strict=True))
    floats = [pair for pair in pairs if pair[0].is_floating_point()]
    return floats, [pair for pair in pairs if not pair[0].is_floating_point()]
