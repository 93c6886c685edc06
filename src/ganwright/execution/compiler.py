"""Makes machine code of a round's graph, by torch's own compiler (inductor) and the system's C++ compiler."""

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

SMALL = 2**14  # multiply-adds of a product of matrices, up to which a call of the library costs more than they do
OPTIONS = {
    "size_asserts": False,  # they took a third of the curve's round, and what is given fits by `CapturedGraph.layout`
    "compile_threads": 1,  # no pool of processes for a few files
    "fallback_random": True,
}


def compiled(graph: CapturedGraph) -> CapturedGraph:
    """The same graph, run by machine code; a RefusedError where there is no compiler, or it cannot."""
    import torch._inductor.config as config
    from torch._functorch.compile_utils import fx_graph_cse
    from torch._guards import TracingContext, tracing
    from torch._inductor.compile_fx import compile_fx_inner

    inputs = [node.meta["val"] for node in graph.module.graph.nodes if node.op == "placeholder"]
    try:
        with config.patch(OPTIONS), tracing(TracingContext(inputs[0].fake_mode)):
            plain = make_fx(graph.module, tracing_mode="fake", decomposition_table=_written_out())(*inputs)
            shared = fx_graph_cse(plain.graph)  # such as a generator's pass that both players' turns make
            shared.eliminate_dead_code()
            run = compile_fx_inner(GraphModule(plain, shared), inputs, cpp_wrapper=True)  # no Python within a round
    except Exception as error:  # a compiler that is missing, or fails, in one of many ways
        raise CaptureError(f"{type(error).__name__}: {str(error).strip().splitlines()[:1]}") from error
    return replace(graph, run=lambda *given: run(list(given)))


def _written_out() -> dict[Any, Callable[..., Any]]:
    from torch._inductor.decomposition import select_decomp_table

    return {**select_decomp_table(), torch.ops.aten.mm.default: _mm, torch.ops.aten.addmm.default: _addmm}


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """[m, k] @ [k, n] as a loop instead of a call, where it is small."""
    if a.numel() * b.shape[1] > SMALL:
        return cast(Tensor, NotImplemented)
    return (a.unsqueeze(2) * b.unsqueeze(0)).sum(1)


def _addmm(c: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    product = _mm(a, b) if beta == alpha == 1 else NotImplemented
    return product if product is NotImplemented else c + product
