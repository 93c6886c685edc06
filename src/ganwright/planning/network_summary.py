"""A network's layers: output shape, parameters and multiply-adds of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torch.utils.hooks import RemovableHandle


@dataclass(frozen=True)
class LayerSummary:
    """One layer: `parameters` are trained; `untrained` are frozen ones and statistics.

    `shape` is that of its last output without the batch dimension; `multiply_adds` are those of one sample, counted
    as torch counts them: convolutions and matrix products, all calls of the layer together.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    untrained: int
    multiply_adds: int


def summary(network: nn.Module, *example: Tensor) -> list[LayerSummary]:
    """The rows of `network` in the order in which its layers finish, then those of layers that were not called.

    One forward pass is made on `example`, in evaluation mode and without gradients; the network is unchanged.
    """
    watch = _Watch(batch=len(example[0]))
    modes = {module: module.training for module in network.modules()}
    hooks = [hook for module in modes for hook in watch.hooks(module)]
    try:
        network.eval()
        with torch.no_grad(), watch.counter:
            network(*example)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return _rows(network, watch.calls)


def total(rows: Iterable[LayerSummary]) -> LayerSummary:
    """The sums over all layers; the shape is the last one's, which is the output of a sequential network."""
    rows = list(rows)
    return LayerSummary(
        name="total",
        kind="",
        shape=rows[-1].shape if rows else (),
        parameters=sum(row.parameters for row in rows),
        untrained=sum(row.untrained for row in rows),
        multiply_adds=sum(row.multiply_adds for row in rows),
    )


@dataclass
class _Calls:
    """Over all calls of one module: the last output's shape, and multiply-adds without its children's."""

    shape: tuple[int, ...] = ()
    multiply_adds: int = 0


class _Watch:
    """Forward hooks that count the multiply-adds of each module."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.counter = FlopCounterMode(display=False)
        self.calls: dict[nn.Module, _Calls] = {}
        self.open: list[list[int]] = []  # for each call not yet ended: the count at its beginning, and its children's

    def hooks(self, module: nn.Module) -> tuple[RemovableHandle, RemovableHandle]:
        return module.register_forward_pre_hook(self._begin), module.register_forward_hook(self._end)

    def _begin(self, module: nn.Module, inputs: Any) -> None:
        self.open.append([self.counter.get_total_flops(), 0])

    def _end(self, module: nn.Module, inputs: Any, output: Any) -> None:
        began, children = self.open.pop()
        flops = self.counter.get_total_flops() - began
        if self.open:
            self.open[-1][1] += flops
        calls = self.calls.setdefault(module, _Calls())
        calls.shape = tuple(output.shape[1:]) if isinstance(output, Tensor) else ()
        calls.multiply_adds += (flops - children) // 2 // self.batch


def _rows(network: nn.Module, calls: dict[nn.Module, _Calls]) -> list[LayerSummary]:
    """One entry per module that has no children, or computes or holds something besides them."""
    names = {module: name for name, module in network.named_modules()}
    uncalled = {module: _Calls() for module in names if module not in calls}
    rows, seen = [], set[int]()
    for module, called in {**calls, **uncalled}.items():
        trained, untrained = _sizes(module, seen)
        is_leaf = next(module.children(), None) is None
        if trained or untrained or called.multiply_adds or (is_leaf and module in calls):
            kind = type(module).__name__
            rows.append(LayerSummary(names[module], kind, called.shape, trained, untrained, called.multiply_adds))
    return rows


def _sizes(module: nn.Module, seen: set[int]) -> tuple[int, int]:
    """Trained and untrained numbers of the module itself; a tensor in `seen` was counted elsewhere."""
    trained = untrained = 0
    buffers = [buffer for buffer in module.buffers(recurse=False) if buffer.is_floating_point()]
    for tensor in (*module.parameters(recurse=False), *buffers):
        if id(tensor) not in seen:
            trained += tensor.numel() if tensor.requires_grad else 0
            untrained += 0 if tensor.requires_grad else tensor.numel()
            seen.add(id(tensor))
    return trained, untrained
