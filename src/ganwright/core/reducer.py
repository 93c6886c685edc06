"""Averages gradients over the processes during the backward pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ganwright.core import ranks

BUCKET = 4 * 2**20  # bytes per flat buffer: the first are sent while other gradients are still computed


class Reducer:
    """Averages the gradients of some parameters over the processes, during the backward pass.

    Buckets are sent as soon as their last gradient is computed, in the same order on every process. Only an armed
    reducer sends, so that gradients can be accumulated over micro-batches.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], bucket_bytes: int = BUCKET) -> None:
        self.buckets = list(_buckets(list(parameters)[::-1], bucket_bytes))
        self.bucket_of = {p: place for place, bucket in enumerate(self.buckets) for p in bucket}
        self.armed = False
        self._reset()
        for parameter in self.bucket_of:
            parameter.register_post_accumulate_grad_hook(self._on_gradient)

    def arm(self) -> None:
        """Declares the next gradients to be the final ones of this step."""
        self.armed = ranks.size() > 1

    def finish(self) -> None:
        """Waits for all buckets and writes the averages; parameters without a gradient keep None."""
        if not self.armed:
            return
        while len(self.sent) < len(self.buckets):
            self._send()
        for bucket, (work, flat) in zip(self.buckets, self.sent, strict=True):
            work.wait()
            parts = flat.div_(ranks.size()).split([p.numel() for p in bucket])
            for parameter, part in zip(bucket, parts, strict=True):
                if parameter.grad is not None:
                    parameter.grad.copy_(part.view_as(parameter))  # keeps the weight's strides for the optimizer
        self.armed = False
        self._reset()

    def _reset(self) -> None:
        self.missing = [len(bucket) for bucket in self.buckets]
        self.sent: list[tuple[dist.Work, Tensor]] = []

    def _on_gradient(self, parameter: nn.Parameter) -> None:
        if not self.armed:
            return
        self.missing[self.bucket_of[parameter]] -= 1
        while len(self.sent) < len(self.buckets) and self.missing[len(self.sent)] == 0:
            self._send()

    def _send(self) -> None:
        bucket = self.buckets[len(self.sent)]
        flat = torch.cat([p.new_zeros(p.numel()) if p.grad is None else p.grad.reshape(-1) for p in bucket])
        work = dist.all_reduce(flat, async_op=True)
        assert work is not None
        self.sent.append((work, flat))


def _buckets(parameters: list[nn.Parameter], limit: int) -> Iterator[list[nn.Parameter]]:
    bucket: list[nn.Parameter] = []
    size = 0
    for parameter in parameters:
        if bucket and (size + parameter.nbytes > limit or parameter.dtype != bucket[0].dtype):
            yield bucket
            bucket, size = [], 0
        bucket.append(parameter)
        size += parameter.nbytes
    if bucket:
        yield bucket
