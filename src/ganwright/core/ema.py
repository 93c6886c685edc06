"""An exponential moving average (EMA) of a network's weights."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

Pair = tuple[list[Tensor], list[Tensor]]


class Ema:
    """An EMA of weights and floating-point buffers; other buffers are copied.

    It is updated once a step, so the half-life is `half_life` examples for any number of updates per step. It is at
    most `share` of the examples read so far, so that the untrained weights soon lose their influence (the ramp of
    Karras et al. 2020, StyleGAN2-ADA).
    """

    def __init__(self, network: nn.Module, half_life: float, share: float = 0.05) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.half_life = half_life
        self.share = share
        self.reset_tensor_cache()

    def decay(self, examples: int, batch: int) -> float:
        """The weight of the average in an update after `batch` examples; `examples` were read in all."""
        return float(0.5 ** (batch / max(min(self.half_life, self.share * examples), 1e-8)))

    @torch.no_grad()
    def update(self, network: nn.Module, examples: int, batch: int) -> None:
        """Updates the average after a step; arguments as in `decay`."""
        floats, others = self.pairs(network)
        if floats[0]:
            get_ema_multi_avg_fn(self.decay(examples, batch))(*floats, batch)
        for mine, theirs in zip(*others, strict=True):
            mine.copy_(theirs)

    def reset_tensor_cache(self) -> None:
        """Drops cached tensor lists; to be called when tensors of a network are replaced."""
        self._tensor_cache: tuple[Pair, Pair] | None = None

    def pairs(self, network: nn.Module) -> tuple[Pair, Pair]:
        """Pairs of tensors of the average and of `network`: floating-point ones, then others. Cached."""
        if self._tensor_cache is None:
            mine, theirs = ([*net.parameters(), *net.buffers()] for net in (self.network, network))
            places = [place for place, tensor in enumerate(mine) if tensor.is_floating_point()]
            others = [place for place in range(len(mine)) if place not in places]
            self._tensor_cache = (
                ([mine[i] for i in places], [theirs[i] for i in places]),
                ([mine[i] for i in others], [theirs[i] for i in others]),
            )
        return self._tensor_cache
