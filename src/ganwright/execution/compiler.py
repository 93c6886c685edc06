"""Compiles the graph of a step with inductor, torch's compiler, and the system's C++ compiler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from ganwright.execution.graph_capture import CapturedGraph
from ganwright.execution.recorder import CaptureError

MAX_INLINED = 2**14  # multiply-adds of a matrix product, up to which a library call costs more than the arithmetic
OPTIONS = {
    "size_asserts": False,  # a third of a step of recipe curve; sizes are checked by `CapturedGraph.layout`
    "compile_threads": 1,  # a process pool does not pay for few files
    "fallback_random": True,
}


def compiled(graph: CapturedGraph) -> CapturedGraph:
    """The same graph as machine code. Raises CaptureError if compilation fails or there is no compiler."""
    import torch._inductor.config as config
    from torch._functorch.compile_utils import fx_graph_cse
    from torch._guards import TracingContext, tracing
    from torch._inductor.compile_fx import compile_fx_inner

    inputs = [node.meta["val"] for node in graph.module.graph.nodes if node.op == "placeholder"]
    try:
        with config.patch(OPTIONS), tracing(TracingContext(inputs[0].fake_mode)):
            plain = make_fx(graph.module, tracing_mode="fake", decomposition_table=_decompositions())(*inputs)
            shared = fx_graph_cse(plain.graph)  # e.g. a forward pass of the generator in the turns of both players
            shared.eliminate_dead_code()
            run = compile_fx_inner(GraphModule(plain, shared), inputs, cpp_wrapper=True)  # no Python inside a step
    except Exception as error:  # compilers fail in many ways
        raise CaptureError(f"{type(error).__name__}: {str(error).strip().splitlines()[:1]}") from error
    return replace(graph, run=lambda *inputs: run(list(inputs)))


def _decompositions() -> dict[Any, Callable[..., Any]]:
    from torch._inductor.decomposition import select_decomp_table

    return {**select_decomp_table(), torch.ops.aten.mm.default: _mm, torch.ops.aten.addmm.default: _addmm}


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """Small [m, k] @ [k, n] as elementwise operations, which the compiler fuses."""
    if a.numel() * b.shape[1] > MAX_INLINED:
        return cast(Tensor, NotImplemented)
    return (a.unsqueeze(2) * b.unsqueeze(0)).sum(1)


def _addmm(c: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    product = _mm(a, b) if beta == alpha == 1 else NotImplemented
    return product if product is NotImplemented else c + product
