"""Many processes as one: each takes its rows of the global batch, gradients and batch statistics are averaged.

No DDP wrapper, because it clashes with `autograd.grad` and repeated forward passes. With one process every function
here is the identity.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganwright.core.errors import UserError

ASKED = 8  # steps
BUCKET = 25 * 2**20  # bytes: gradients travel in flat buffers of about this size


def start(device: torch.device) -> None:
    """Joins the group that torchrun prepared, if it did."""
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ and not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")


def stop() -> None:
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


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
    """The mean of `value` over the processes."""
    if size() == 1:
        return value
    total = value.clone()
    dist.all_reduce(total)
    return total / size()


def gathered(value: Tensor) -> Tensor:
    """Every process's `value`, stacked in the order of ranks: [processes, ...]."""
    if size() == 1:
        return value[None]
    parts = [torch.empty_like(value) for _ in range(size())]
    dist.all_gather(parts, value.contiguous())
    return torch.stack(parts)


def of_first(value: Tensor) -> Tensor:
    """The first process's `value`, in every process."""
    if size() > 1:
        dist.broadcast(value, 0)
    return value


def anyone(flag: bool, step: int, device: torch.device) -> bool:
    """Whether any process raises the flag; all get the same answer.

    Several processes are asked in every ASKED-th step only, for asking waits for the device.
    """
    if size() == 1 or step % ASKED:
        return flag and size() == 1
    flags = torch.tensor(float(flag), device=device)
    dist.all_reduce(flags)
    return bool(flags.item() > 0)


def barrier() -> None:
    """Waits until every process is here."""
    if size() > 1:
        dist.barrier()


class Reducer:
    """Averages the gradients of some parameters over the processes, while the backward pass still runs.

    Buckets are sent as soon as their last gradient is there, always in the same order on every process. Only an
    armed reducer sends: gradients that are still being accumulated stay at home.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], bucket_bytes: int = BUCKET) -> None:
        self.buckets = list(_buckets(list(parameters)[::-1], bucket_bytes))
        self.bucket_of = {p: place for place, bucket in enumerate(self.buckets) for p in bucket}
        self.armed = False
        self._reset()
        for parameter in self.bucket_of:
            parameter.register_post_accumulate_grad_hook(self._arrived)

    def arm(self) -> None:
        """From now on arriving gradients are the final ones of this step."""
        self.armed = size() > 1

    def finish(self) -> None:
        """Waits for all buckets and writes the averages back; a parameter that got no gradient still has none."""
        if not self.armed:
            return
        while len(self.sent) < len(self.buckets):
            self._send()
        for bucket, (work, flat) in zip(self.buckets, self.sent, strict=True):
            work.wait()
            parts = flat.div_(size()).split([p.numel() for p in bucket])
            for parameter, part in zip(bucket, parts, strict=True):
                if parameter.grad is not None:
                    parameter.grad = part.view_as(parameter)
        self.armed = False
        self._reset()

    def _reset(self) -> None:
        self.missing = [len(bucket) for bucket in self.buckets]
        self.sent: list[tuple[dist.Work, Tensor]] = []

    def _arrived(self, parameter: nn.Parameter) -> None:
        if not self.armed:
            return
        self.missing[self.bucket_of[parameter]] -= 1
        while len(self.sent) < len(self.buckets) and self.missing[len(self.sent)] == 0:
            self._send()

    def _send(self) -> None:
        bucket = self.buckets[len(self.sent)]
        flat = torch.cat([torch.zeros_like(p).view(-1) if p.grad is None else p.grad.reshape(-1) for p in bucket])
        work = dist.all_reduce(flat, async_op=True)
        assert work is not None
        self.sent.append((work, flat))


def _buckets(parameters: list[nn.Parameter], limit: int) -> Iterator[list[nn.Parameter]]:
    bucket: list[nn.Parameter] = []
    held = 0
    for parameter in parameters:
        if bucket and (held + parameter.nbytes > limit or parameter.dtype != bucket[0].dtype):
            yield bucket
            bucket, held = [], 0
        bucket.append(parameter)
        held += parameter.nbytes
    if bucket:
        yield bucket


class _Sum(torch.autograd.Function):
    """The sum over the processes, differentiable: its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: object, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        return total


class SharedBatchNorm:
    """Mixed into a torch batch norm: the statistics of a training batch are those of the global batch.

    The library's own synchronised batch norm refuses the CPU. `biased`, where a layer says so, keeps the
    running variance with 1/n (Keras) instead of 1/(n-1).
    """

    def forward(self: _BatchNorm, x: Tensor) -> Tensor:  # type: ignore[misc]
        if not self.training or size() == 1:
            return super().forward(x)  # type: ignore[misc, no-any-return]
        axes = [0, *range(2, x.dim())]
        count = x.numel() // x.shape[1] * size()
        shape = [1, -1, *[1] * (x.dim() - 2)]
        mean_ = _Sum.apply(x.sum(axes)) / count
        centred = x - mean_.view(shape)
        variance = _Sum.apply(centred.square().sum(axes)) / count
        _track(self, mean_.detach(), variance.detach(), count)
        scaled = centred * (variance + self.eps).rsqrt().view(shape)
        if self.weight is not None:
            scaled = scaled * self.weight.view(shape) + self.bias.view(shape)
        return cast(Tensor, scaled)


@torch.no_grad()
def _track(norm: _BatchNorm, mean_: Tensor, variance: Tensor, count: int) -> None:
    """Moves the running statistics."""
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked += 1
    momentum = norm.momentum if norm.momentum is not None else 1 / norm.num_batches_tracked.item()
    kept = variance if getattr(norm, "biased", False) else variance * (count / (count - 1))
    norm.running_mean.lerp_(mean_, momentum)
    norm.running_var.lerp_(kept, momentum)


def share_batch_norm(network: nn.Module) -> None:
    """Gives every batch norm inside `network` the global batch's statistics, keeping its weights and its name."""
    for layer in network.modules():
        if isinstance(layer, _BatchNorm) and not isinstance(layer, SharedBatchNorm):
            kind = type(layer)
            layer.__class__ = type(kind.__name__, (SharedBatchNorm, kind), {})
