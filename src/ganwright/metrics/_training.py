"""Trains small networks for metrics, deterministically and without touching global random state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
    """The network after `steps` of Adam at learning rate `lr`, on batches drawn without replacement in each epoch.

    It is trained with one thread, so that it does not depend on the number of cores.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = make()
    with one_thread():
        _train(network, inputs, targets, loss, steps, lr, batch)
    return network.eval()


@contextmanager
def one_thread() -> Iterator[None]:
    """Meanwhile torch uses one thread.

    Where other processes need the cores, the threads of small operations wait for each other: a GRU's step of .05
    seconds takes 4 with two threads, as measured on two cores beside two busy processes.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _train(
    network: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    steps: int,
    lr: float,
    batch: int,
) -> None:
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
