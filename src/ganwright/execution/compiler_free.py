"""Optimizers that don't import torch's compiler, whose import takes longer than that of torch.

Torch wraps the methods of its optimizers to exclude them from compilation, and the wrappers import the compiler.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial

import torch
from torch.optim import Optimizer, optimizer

from ganwright.execution import private_names

COMPILER = "torch._dynamo"
_WRAPPED = ("add_param_group", "state_dict", "load_state_dict")
_OVERRIDE = "__dynamo_disable"  # attribute with the function that the wrapper calls instead
_HOOKS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")


def avoid_import() -> None:
    """Lets optimizers be created, saved and loaded without the import; no effect if the compiler is imported."""
    if COMPILER in sys.modules or private_names.missing("plain optimizer steps"):
        return
    for name in _WRAPPED:
        plain = inspect.unwrap(getattr(Optimizer, name))
        if not hasattr(plain, _OVERRIDE):
            setattr(plain, _OVERRIDE, plain)


def use_plain_step(one: Optimizer) -> None:
    """Lets an optimizer of torch step without the import. Others, and steps that a user replaced, are unchanged."""
    plain = inspect.unwrap(type(one).step)
    if plain.__module__.startswith("torch.optim.") and "step" not in vars(one):
        vars(one)["step"] = partial(_step, one)


def _step(one: Optimizer) -> None:
    """Calls the unwrapped method, unless hooks are registered, or torch may have hooks that are not known here."""
    wrapped = COMPILER in sys.modules or private_names.missing("plain optimizer steps")
    if wrapped or one.defaults.get("differentiable") or _has_hooks(one):
        type(one).step(one)
    else:
        with torch.no_grad():
            inspect.unwrap(type(one).step)(one)


def _has_hooks(one: Optimizer) -> bool:
    return any(
        (
            *(getattr(one, name) for name in _HOOKS),
            optimizer._global_optimizer_pre_hooks,
            optimizer._global_optimizer_post_hooks,
        )
    )
