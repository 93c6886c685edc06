"""The average (EMA) of a player's weights, which samples are drawn from."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

Pair = tuple[list[Tensor], list[Tensor]]


class Ema:
    """An exponential moving average counted in images; float buffers are averaged too, others copied.

    The half-life is `half_life` images, but never more than `share` of the images seen, so that the untrained
    weights are soon forgotten (Karras et al. 2020, StyleGAN2-ADA, ramps it the same way).
    """

    def __init__(self, network: nn.Module, half_life: float, share: float = 0.05) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.half_life = half_life
        self.share = share
        self.fixed: Tensor | None = None  # a weight that stands in for `weight`, while a round is traced
        self.reset_tensor_cache()

    def weight(self, examples: int, batch: int) -> float:
        """How far a step on `batch` images, `examples` having been seen, moves towards the network."""
        return 1.0 - float(0.5 ** (batch / max(min(self.half_life, self.share * examples), 1e-8)))

    @torch.no_grad()
    def update(self, network: nn.Module, examples: int, batch: int) -> None:
        """Moves towards `network` after such a step."""
        floats, others = self._tensors(network)
        if self.fixed is not None:
            for mine, theirs in zip(*floats, strict=True):
                mine.lerp_(theirs, self.fixed)
        elif floats[0]:
            torch._foreach_lerp_(*floats, self.weight(examples, batch))
        for mine, theirs in zip(*others, strict=True):
            mine.copy_(theirs)

    def reset_tensor_cache(self) -> None:
        """The tensors are looked up again: some were exchanged."""
        self._tensor_cache: tuple[Pair, Pair] | None = None

    def _tensors(self, network: nn.Module) -> tuple[Pair, Pair]:
        """The floating tensors of the average and of `network`, side by side, and the others; found once."""
        if self._tensor_cache is None:
            mine, theirs = ([*net.parameters(), *net.buffers()] for net in (self.network, network))
            places = [place for place, tensor in enumerate(mine) if tensor.is_floating_point()]
            others = [place for place in range(len(mine)) if place not in places]
            self._tensor_cache = (
                ([mine[i] for i in places], [theirs[i] for i in places]),
                ([mine[i] for i in others], [theirs[i] for i in others]),
            )
        return self._tensor_cache
