"""Distributed training: each process computes its rows of the global batch, and results are exchanged.

There is no DDP wrapper, because it conflicts with `autograd.grad` and repeated forward passes. With one process every
function here is the identity.
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

FLAG_EVERY = 8  # steps


def start(device: torch.device) -> None:
    """Joins torchrun's process group, if the process was started by torchrun."""
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ and not dist.is_initialized():
        if environment_number("RANK", 0) >= environment_number("WORLD_SIZE", 1):
            raise UserError("RANK is not below WORLD_SIZE, as torchrun sets them: unset both, or start with torchrun.")
        environment_number("LOCAL_RANK", 0)
        missing = [name for name in ("MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
        if missing:
            raise UserError(f"RANK is set, as by torchrun, but {missing[0]} is not: unset it, or start with torchrun.")
        if environment_number("MASTER_PORT", 0) >= 2**16:
            raise UserError("MASTER_PORT is not below 65,536 in the environment: unset it, or start with torchrun.")
        from torch.distributed.distributed_c10d import PrefixStore
        from torch.distributed.rendezvous import rendezvous

        store, place, count = next(rendezvous("env://"))
        fresh = PrefixStore(_attempt(), store)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", store=fresh, rank=place, world_size=count)


def environment_number(name: str, default: int) -> int:
    """A number that torchrun sets in the environment; a UserError if it is none."""
    word = os.environ.get(name, str(default))
    if not word.isascii() or not word.isdigit():
        raise UserError(f"{name} is {word!r} in the environment, not a number: unset it, or start with torchrun.")
    return int(word)


def started_size() -> int:
    """The number of processes that torchrun has started, before they have joined."""
    return environment_number("WORLD_SIZE", 1)


def _attempt() -> str:
    """A prefix for each restart by torchrun, whose store outlives its workers.

    Without it a restarted worker may read the address of one that died. On several machines, which count restarts
    independently, the prefix is constant; docs/scaling.md names the option that gives each restart a new store.
    """
    alone = os.environ.get("GROUP_WORLD_SIZE", "1") == "1"
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") if alone else "all"


def stop() -> None:
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Inside the context, this process is a member of torchrun's process group, if there is one."""
    start(device)
    try:
        yield
    finally:
        stop()


def local_size() -> int:
    """The number of processes on this machine."""
    return environment_number("LOCAL_WORLD_SIZE", 1) if size() > 1 else 1


def size() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    return dist.get_rank() if size() > 1 else 0


def rows(total: int) -> slice:
    """This process's rows of a global batch of `total`."""
    share, rest = divmod(total, size())
    if rest:
        raise UserError(
            f"A batch of {total} cannot be sharded evenly over {size()} processes: "
            f"choose --batch as a multiple of {size()}."
        )
    return slice(rank() * share, (rank() + 1) * share)


def mean(value: Tensor) -> Tensor:
    """The mean of `value` over the processes, bit-identical in each of them."""
    return value if size() == 1 else gathered(value).mean(0)


def gathered(value: Tensor) -> Tensor:
    """All processes' values, stacked by rank: [processes, ...]. For small tensors."""
    if size() == 1:
        return value[None]
    parts, mine = value.new_empty((size(), *value.shape)), value.contiguous()
    if dist.get_backend() == "gloo":
        _exchange(mine, parts)
    else:
        dist.all_gather(list(parts), mine)
    return parts


def _exchange(mine: Tensor, parts: Tensor) -> None:
    """Exchanges `mine` with every other process.

    Gloo runs collective operations on other threads; point-to-point messages are sent from the calling thread and take
    half as long.
    """
    parts[rank()] = mine
    others = [place for place in range(size()) if place != rank()]
    pending = [dist.irecv(parts[place], place) for place in others] + [dist.isend(mine, place) for place in others]
    for work in pending:
        assert work is not None
        work.wait()


def broadcast_first(value: Tensor) -> Tensor:
    """The first process's `value`, in every process."""
    if size() > 1:
        dist.broadcast(value, 0)
    return value


def any_rank(flag: bool, step: int, device: torch.device) -> bool:
    """Whether the flag is set in any process; the same result in all of them.

    Several processes exchange their flags only every FLAG_EVERY steps, because this waits for the device.
    """
    if size() == 1 or step % FLAG_EVERY:
        return flag and size() == 1
    flags = torch.tensor(float(flag), device=device)
    dist.all_reduce(flags)
    return bool(flags.item() > 0)


Part = TypeVar("Part")


def sharded(count: int, make: Callable[[int], Part]) -> list[Part]:
    """[make(0), ..., make(count - 1)], computed round-robin by the processes and gathered in all of them.

    A collective operation; results are sent as Python objects. An error in one process is raised in all of them.
    """
    if size() == 1:
        return [make(place) for place in range(count)]
    mine: list[Part] | Exception
    try:
        mine = [make(place) for place in range(rank(), count, size())]
    except Exception as error:
        mine = error
    shares: list[list[Part] | Exception] = [[] for _ in range(size())]
    dist.all_gather_object(shares, mine)
    for share in shares:
        if isinstance(share, Exception):
            raise share
    return [shares[place % size()][place // size()] for place in range(count)]  # type: ignore[index]


@contextmanager
def rank_zero_first() -> Iterator[None]:
    """Runs the body in the first process, then in the others, which can use the files that it wrote."""
    if rank() > 0:
        barrier()
    try:
        yield
    finally:
        if rank() == 0:
            barrier()


def barrier() -> None:
    """Waits for all processes."""
    if size() > 1:
        dist.barrier()
