"""Batch norm with the statistics of the global batch, over all processes."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from ganwright.core import ranks
from ganwright.core.global_batch import summed

BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.SyncBatchNorm


class _Normalised(torch.autograd.Function):
    """Normalises x [n, channels, ...] by the moments of the global batch, and returns them, too.

    One exchange forward and one backward, with torch's own kernels between them: the same arithmetic in elementary
    operations (`normalised`) takes three to five times as long. The gradients of `weight` and `bias` are this process's
    share.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> tuple[Tensor, ...]:
        own = torch.batch_norm_update_stats(x, None, None, 0.0)  # mean, variance over n
        means, variances = ranks.gathered(torch.stack(own)).unbind(1)  # [processes, channels]; equal batch sizes
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
        results: list[Tensor | None] = [None] * 4
        if torch.is_grad_enabled():  # a penalty: its gradient is differentiated again
            inputs = [(x, weight, bias)[place] for place in wanted]
            again = normalised(x, weight, bias, ctx.eps)
            differentiable = torch.autograd.grad(again, inputs, gradients[0], create_graph=True)
            for place, value in zip(wanted, differentiable, strict=True):
                results[place] = value
            return tuple(results)
        moments = (weight, mean_, variance, None, None, False, ctx.eps)
        mine = torch.ops.aten.native_batch_norm_backward(gradients[0], x, *moments, [0 in wanted, True, True])
        for place in wanted:
            results[place] = mine[place]
        if 0 in wanted:
            # dx = w s (g - mean(g) - x^ mean(g x^)), s = 1 / deviation, x^ = (x - mean) s; the kernel computed w s g
            means = ranks.mean(torch.stack(mine[1:])) / (x.numel() // x.shape[1])
            s = (variance + ctx.eps).rsqrt()
            scale = s if weight is None else s * weight
            of_x = -scale * s * means[0]
            shape = [1, -1, *[1] * (x.dim() - 2)]
            results[0] = mine[0].addcmul_(x, of_x.view(shape)).sub_((of_x * mean_ + scale * means[1]).view(shape))
        return tuple(results)


def normalised(x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    """Batch norm over all processes in elementary operations; differentiable any number of times."""
    axes = [0, *range(2, x.dim())]
    shape = [1, -1, *[1] * (x.dim() - 2)]
    count = x.numel() // x.shape[1] * ranks.size()
    centred = x - (summed(x.sum(axes)) / count).view(shape)
    variance = summed(centred.square().sum(axes)) / count
    scaled: Tensor = centred * (variance + eps).rsqrt().view(shape)
    if weight is not None and bias is not None:
        scaled = scaled * weight.view(shape) + bias.view(shape)
    return scaled


class SharedBatchNorm:
    """A mixin for torch's batch norm layers: training batches use the statistics of the global batch.

    Torch's own SyncBatchNorm does not support CPUs. Layers with `biased` set track the running variance with 1/n
    (Keras) instead of 1/(n-1). Gradient accumulation uses the statistics of each micro-batch, in all processes.
    """

    def forward(self: BatchNorm, x: Tensor) -> Tensor:  # type: ignore[misc]
        if not self.training or ranks.size() == 1:
            return super().forward(x)  # type: ignore[misc, no-any-return]
        wide = x if self.weight is None else x.to(self.weight.dtype)  # statistics in full precision
        scaled, mean_, variance = _Normalised.apply(wide, self.weight, self.bias, self.eps)
        _track(self, mean_, variance, x.numel() // x.shape[1] * ranks.size())
        return cast(Tensor, scaled.to(x.dtype))

    def over_parts(self, size: int) -> str:
        return "batch norm uses the statistics of a part"


@torch.no_grad()
def _track(norm: BatchNorm, mean_: Tensor, variance: Tensor, count: int) -> None:
    """Updates the running statistics."""
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked += 1
    momentum = norm.momentum if norm.momentum is not None else 1 / norm.num_batches_tracked.item()
    tracked = variance if getattr(norm, "biased", False) else variance * (count / (count - 1))
    norm.running_mean.lerp_(mean_, momentum)
    norm.running_var.lerp_(tracked, momentum)


def share_batch_norm(network: nn.Module) -> None:
    """Makes every batch norm of `network` use the statistics of the global batch; weights and names are unchanged."""
    for layer in network.modules():
        if isinstance(layer, BatchNorm) and not isinstance(layer, SharedBatchNorm):
            kind = type(layer)
            layer.__class__ = type(kind.__name__, (SharedBatchNorm, kind), {})
