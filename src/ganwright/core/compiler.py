"""Makes machine code of a round's graph, by torch's own compiler (inductor) and the system's C++ compiler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from ganwright.core.heard import RefusedError
from ganwright.core.trace import Traced

# A product of matrices is written out where a call of the library costs more than the arithmetic:
SMALL = 2  # any side of it is so small,
SUMMED = 10  # or the side over which is summed
OPTIONS = {
    "cpp_wrapper": True,  # one call from Python a round, and one file to compile
    "compile_threads": 1,  # no pool of processes for that one file
    "fallback_random": True,
}


def compiled(graph: Traced) -> Traced:
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
            run = compile_fx_inner(GraphModule(plain, shared), inputs)
    except Exception as error:  # a compiler that is missing, or fails, in one of many ways
        raise RefusedError(f"{type(error).__name__}: {str(error).strip().splitlines()[:1]}") from error
    return replace(graph, run=lambda *given: run(list(given)))


def _written_out() -> dict[Any, Callable[..., Any]]:
    from torch._inductor.decomposition import select_decomp_table

    return {**select_decomp_table(), torch.ops.aten.mm.default: _mm, torch.ops.aten.addmm.default: _addmm}


def _mm(a: Tensor, b: Tensor) -> Tensor:
    """[m, k] @ [k, n] without the library, where a side is small."""
    inner = a.shape[1]
    if inner <= SUMMED:
        return sum((a[:, i : i + 1] * b[i : i + 1] for i in range(1, inner)), a[:, :1] * b[:1])
    if min(a.shape[0], b.shape[1]) <= SMALL:
        return (a.unsqueeze(2) * b.unsqueeze(0)).sum(1)
    return cast(Tensor, NotImplemented)


def _addmm(c: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    product = _mm(a, b) if beta == alpha == 1 else NotImplemented
    return product if product is NotImplemented else c + product
