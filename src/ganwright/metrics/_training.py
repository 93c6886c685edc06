"""Small networks trained for a metric: the same data give the same network, and no other random numbers are touched."""

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
    rate: float,
    batch: int = 128,
) -> nn.Module:
    """The network after `steps` of Adam at that rate, on batches drawn without repetition until all rows were seen."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = make()
    draw = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(network.parameters(), rate)
    order = torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(order) < min(batch, len(inputs)):
            order = torch.randperm(len(inputs), generator=draw)
        rows, order = order[:batch], order[batch:]
        optimizer.zero_grad()
        loss(network(inputs[rows]), targets[rows]).backward()
        optimizer.step()
    return network.eval()
