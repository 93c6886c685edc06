"""Many processes as one: each takes its rows of the global batch, gradients and batch statistics are averaged.

No DDP wrapper, because it clashes with `autograd.grad` and repeated forward passes. With one process every function
here is the identity.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from ganwright.core.errors import UserError

ASKED = 8  # steps
BUCKET = 4 * 2**20  # bytes: gradients travel in flat buffers of about this size, the first while others are computed


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


def on_this_machine() -> int:
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
    parts = value.new_empty((size(), *value.shape))
    dist.all_gather(list(parts), value.contiguous())
    return parts


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


Part = TypeVar("Part")


def dealt(count: int, make: Callable[[int], Part]) -> list[Part]:
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
def first_ahead() -> Iterator[None]:
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
    """The sum over the processes, differentiable any number of times: its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: object, value: Tensor) -> Tensor:
        total = value.contiguous().clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return cast(Tensor, _Sum.apply(gradients[0]))


class _Normalised(torch.autograd.Function):
    """x [n, channels, ...] normalised by the global batch's moments, which it returns too.

    One exchange forward and one backward, and the library's own kernels between them: written out (`normalised`), the
    same arithmetic takes three to five times as long. The gradients of `weight` and `bias` are this process's share.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> tuple[Tensor, ...]:
        own = torch.batch_norm_update_stats(x, None, None, 0.0)  # mean, variance over n
        means, variances = gathered(torch.stack(own)).unbind(1)  # [processes, channels]: batches are of one size
        mean_ = means.mean(0)
        variance = (variances + (means - mean_).square()).mean(0)
        ctx.save_for_backward(x, weight, bias, mean_, variance)
        ctx.eps = eps
        ctx.mark_non_differentiable(mean_, variance)
        return batch_norm(x, mean_, variance, weight, bias, False, 0.0, eps), mean_, variance

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, bias, mean_, variance = ctx.saved_tensors
        wanted = [place for place, needed in enumerate(ctx.needs_input_grad) if needed]
        found: list[Tensor | None] = [None] * 4
        if torch.is_grad_enabled():  # a penalty, whose gradient is differentiated again
            inputs = [(x, weight, bias)[place] for place in wanted]
            again = normalised(x, weight, bias, ctx.eps)
            differentiable = torch.autograd.grad(again, inputs, gradients[0], create_graph=True)
            for place, value in zip(wanted, differentiable, strict=True):
                found[place] = value
            return tuple(found)
        moments = (weight, mean_, variance, None, None, False, ctx.eps)
        mine = torch.ops.aten.native_batch_norm_backward(gradients[0], x, *moments, [0 in wanted, True, True])
        for place in wanted:
            found[place] = mine[place]
        if 0 in wanted:
            # dx = w s (g - mean(g) - x^ mean(g x^)), s = 1 / deviation, x^ = (x - mean) s; the kernel gave w s g
            means = mean(torch.stack(mine[1:])) / (x.numel() // x.shape[1])
            s = (variance + ctx.eps).rsqrt()
            scale = s if weight is None else s * weight
            of_x = -scale * s * means[0]
            shape = [1, -1, *[1] * (x.dim() - 2)]
            found[0] = mine[0].addcmul_(x, of_x.view(shape)).sub_((of_x * mean_ + scale * means[1]).view(shape))
        return tuple(found)


def normalised(x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    """Batch norm over all processes written out; it can be differentiated any number of times."""
    axes = [0, *range(2, x.dim())]
    shape = [1, -1, *[1] * (x.dim() - 2)]
    count = x.numel() // x.shape[1] * size()
    centred = x - (_Sum.apply(x.sum(axes)) / count).view(shape)
    variance = _Sum.apply(centred.square().sum(axes)) / count
    scaled: Tensor = centred * (variance + eps).rsqrt().view(shape)
    if weight is not None and bias is not None:
        scaled = scaled * weight.view(shape) + bias.view(shape)
    return scaled


class SharedBatchNorm:
    """Mixed into a torch batch norm: the statistics of a training batch are those of the global batch.

    The library's own synchronised batch norm refuses the CPU. `biased`, where a layer says so, keeps the
    running variance with 1/n (Keras) instead of 1/(n-1).
    """

    def forward(self: _BatchNorm, x: Tensor) -> Tensor:  # type: ignore[misc]
        if not self.training or size() == 1:
            return super().forward(x)  # type: ignore[misc, no-any-return]
        wide = x if self.weight is None else x.to(self.weight.dtype)  # statistics in full precision
        scaled, mean_, variance = _Normalised.apply(wide, self.weight, self.bias, self.eps)
        _track(self, mean_, variance, x.numel() // x.shape[1] * size())
        return cast(Tensor, scaled.to(x.dtype))


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
