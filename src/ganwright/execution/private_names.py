"""The private names of torch that ganwright uses; without one of them, a run falls back and says so.

Other packages use torch's public names only. Each purpose below has a fallback, which is what torch itself does.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any, Literal

Purpose = Literal["plain optimizer steps", "counting operations", "graph capture", "compilation"]

# A path of modules and attributes. An attribute of a class may be annotated only: its instances have it.
# After a colon: a constant in the code of a function.
NAMES: dict[Purpose, tuple[str, ...]] = {
    "plain optimizer steps": (
        "torch.optim.optimizer._global_optimizer_pre_hooks",
        "torch.optim.optimizer._global_optimizer_post_hooks",
        "torch.optim.Optimizer._optimizer_step_pre_hooks",
        "torch.optim.Optimizer._optimizer_step_post_hooks",
        "torch.optim.Optimizer.add_param_group:__dynamo_disable",
        "torch.optim.Optimizer.state_dict:__dynamo_disable",
        "torch.optim.Optimizer.load_state_dict:__dynamo_disable",
    ),
    "counting operations": ("torch.utils._python_dispatch.TorchDispatchMode",),
    "graph capture": (
        "torch.nn.Module._parameters",
        "torch.nn.Module._buffers",
        "torch.ops.aten._fused_adam_.tensor_lr",
        "torch.ops.aten._native_batch_norm_legit.no_stats",
        "torch.fx.experimental.proxy_tensor.make_fx",
    ),
    "compilation": (
        "torch._functorch.compile_utils.fx_graph_cse",
        "torch._guards.TracingContext",
        "torch._guards.tracing",
        "torch._inductor.compile_fx.compile_fx_inner",
        "torch._inductor.config",
        "torch._inductor.decomposition.select_decomp_table",
    ),
}
FALLBACKS: dict[Purpose, str] = {
    "plain optimizer steps": "torch's own optimizer steps are used, which import its compiler and delay the start",
    "counting operations": "runs are compiled only with --compile on",
    "graph capture": "steps are executed eagerly",
    "compilation": "steps are executed eagerly",
}


@cache
def missing(purpose: Purpose) -> tuple[str, ...]:
    """The names that this version of torch lacks. Checking those of "compilation" imports torch's compiler."""
    return tuple(name for name in NAMES[purpose] if not exists(name))


def fallback(purpose: Purpose) -> str:
    """A sentence for the user if a name is missing, otherwise an empty string."""
    import torch

    names = missing(purpose)
    return f"torch {torch.__version__} lacks {names[0]}: {FALLBACKS[purpose]}." if names else ""


def exists(name: str) -> bool:
    """Whether torch has a name of the table."""
    path, _, constant = name.partition(":")
    owner_path, _, last = path.rpartition(".")
    owner = _resolved(owner_path)
    if owner is None:
        return False
    if not constant:
        return last in getattr(owner, "__annotations__", {}) or _resolved(path) is not None
    code = getattr(getattr(owner, last, None), "__code__", None)
    return code is not None and constant in code.co_consts


def _resolved(path: str) -> Any:
    """The module or attribute at a path, or None."""
    parts = path.split(".")
    found: Any = importlib.import_module(parts[0])
    for place, part in enumerate(parts[1:], start=2):
        found = getattr(found, part) if hasattr(found, part) else _module(".".join(parts[:place]))
        if found is None:
            return None
    return found


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
