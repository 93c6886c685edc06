"""Optimizer steps without importing torch's compiler, whose import takes longer than that of torch.

Torch wraps the methods of its optimizers to exclude them from compilation, and the wrappers import the compiler.
"""

from __future__ import annotations

import inspect
import sys

import torch
from torch.optim import Optimizer, optimizer

COMPILER = "torch._dynamo"
_WRAPPED = ("add_param_group", "state_dict", "load_state_dict")
_OVERRIDE = "__dynamo_disable"  # attribute with the function that the wrapper calls instead


def avoid_compiler_import() -> None:
    """Lets optimizers be created, saved and loaded without the import; no effect if the compiler is imported."""
    if COMPILER in sys.modules:
        return
    for name in _WRAPPED:
        plain = inspect.unwrap(getattr(Optimizer, name))
        if not hasattr(plain, _OVERRIDE):
            setattr(plain, _OVERRIDE, plain)


def step(one: Optimizer) -> None:
    """Steps an optimizer. Those of torch without hooks are called by their unwrapped method."""
    plain = inspect.unwrap(type(one).step)
    hooks = [*_hooks(optimizer, "_global_optimizer"), *_hooks(one, "_optimizer_step")]
    torchs = plain.__module__.startswith("torch.optim.") and "step" not in vars(one)
    if COMPILER in sys.modules or hooks or not torchs or one.defaults.get("differentiable"):
        one.step()
    else:
        with torch.no_grad():
            plain(one)


def _hooks(owner: object, prefix: str) -> list[object]:
    return [hook for when in ("pre", "post") for hook in getattr(owner, f"{prefix}_{when}_hooks", ())]
