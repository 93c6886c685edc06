"""Trains small networks for metrics, deterministically and without touching global random state."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

SEED = 0


def trained(
    make: Callable[[], nn.Module],
    inputs: Tensor,
    targets: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    steps: int,
    lr: float,
    batch: int = 128,
) -> nn.Module:
    """The network after `steps` of Adam at learning rate `lr`, on batches drawn without replacement in each epoch."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = make()
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(network.parameters(), lr)
    order = torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(order) < min(batch, len(inputs)):
            order = torch.randperm(len(inputs), generator=generator)
        rows, order = order[:batch], order[batch:]
        optimizer.zero_grad()
        loss(network(inputs[rows]), targets[rows]).backward()
        optimizer.step()
    return network.eval()
