"""Many processes as one: each takes its rows of the global batch, and they exchange what all must know.

No DDP wrapper, because it clashes with `autograd.grad` and repeated forward passes. With one process every function
here is the identity.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from ganwright.core.errors import UserError

ASKED = 8  # steps


def start(device: torch.device) -> None:
    """Joins the group that torchrun prepared, if it did."""
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ and not dist.is_initialized():
        from torch.distributed.distributed_c10d import PrefixStore
        from torch.distributed.rendezvous import rendezvous

        store, place, count = next(rendezvous("env://"))
        fresh = PrefixStore(_attempt(), store)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", store=fresh, rank=place, world_size=count)


def _attempt() -> str:
    """A word of its own for each restart by torchrun, whose store outlives its workers.

    Without it a restarted worker may find the address of one that died. Several machines count their restarts each by
    itself, so there the word stays the same, and docs/scaling.md names the switch that gives each restart a new store.
    """
    alone = os.environ.get("GROUP_WORLD_SIZE", "1") == "1"
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") if alone else "all"


def stop() -> None:
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Within it this process is one of the group that torchrun prepared, if it did."""
    start(device)
    try:
        yield
    finally:
        stop()


def local_size() -> int:
    """How many of the processes share this machine's cores."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if size() > 1 else 1


def size() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    return dist.get_rank() if size() > 1 else 0


def rows(total: int) -> slice:
    """This process's rows of a global batch of `total`."""
    share, rest = divmod(total, size())
    if rest:
        raise UserError(
            f"A batch of {total} cannot be dealt out evenly to {size()} processes: "
            f"choose --batch as a multiple of {size()}."
        )
    return slice(rank() * share, (rank() + 1) * share)


def mean(value: Tensor) -> Tensor:
    """The mean of `value` over the processes, to the same bit in each of them."""
    return value if size() == 1 else gathered(value).mean(0)


def gathered(value: Tensor) -> Tensor:
    """Every process's `value`, which is small, stacked in the order of ranks: [processes, ...]."""
    if size() == 1:
        return value[None]
    parts, mine = value.new_empty((size(), *value.shape)), value.contiguous()
    if dist.get_backend() == "gloo":
        _swapped(mine, parts)
    else:
        dist.all_gather(list(parts), mine)
    return parts


def _swapped(mine: Tensor, parts: Tensor) -> None:
    """Hands `mine` to every other process, and takes theirs.

    Gloo has other threads do what all processes do together; messages between two go out from the caller's own, and
    take half as long.
    """
    parts[rank()] = mine
    others = [place for place in range(size()) if place != rank()]
    under_way = [dist.irecv(parts[place], place) for place in others] + [dist.isend(mine, place) for place in others]
    for work in under_way:
        assert work is not None
        work.wait()


def broadcast_first(value: Tensor) -> Tensor:
    """The first process's `value`, in every process."""
    if size() > 1:
        dist.broadcast(value, 0)
    return value


def any_rank(flag: bool, step: int, device: torch.device) -> bool:
    """Whether any process raises the flag; all get the same answer.

    Several processes are asked in every ASKED-th step only, for asking waits for the device.
    """
    if size() == 1 or step % ASKED:
        return flag and size() == 1
    flags = torch.tensor(float(flag), device=device)
    dist.all_reduce(flags)
    return bool(flags.item() > 0)


Part = TypeVar("Part")


def sharded(count: int, make: Callable[[int], Part]) -> list[Part]:
    """make(0), make(1), ... make(count - 1), dealt out to the processes in turn; every process gets them all.

    To be called by all processes together; the parts are sent whole, as Python objects. An error of one process is
    raised in each of them.
    """
    if size() == 1:
        return [make(place) for place in range(count)]
    mine: list[Part] | Exception
    try:
        mine = [make(place) for place in range(rank(), count, size())]
    except Exception as error:
        mine = error
    hands: list[list[Part] | Exception] = [[] for _ in range(size())]
    dist.all_gather_object(hands, mine)
    for hand in hands:
        if isinstance(hand, Exception):
            raise hand
    return [hands[place % size()][place // size()] for place in range(count)]  # type: ignore[index]


@contextmanager
def rank_zero_first() -> Iterator[None]:
    """Within it the first process goes ahead, and the others follow when it is done: they find what it has left."""
    if rank() > 0:
        barrier()
    try:
        yield
    finally:
        if rank() == 0:
            barrier()


def barrier() -> None:
    """Waits until every process is here."""
    if size() > 1:
        dist.barrier()
