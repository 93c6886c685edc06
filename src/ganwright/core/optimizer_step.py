"""Keeps torch's compiler out of what is not compiled: importing it takes longer than importing torch.

Torch wraps the methods of its optimizers so that the compiler leaves them alone, and the wrappers import it.
"""

from __future__ import annotations

import inspect
import sys

import torch
from torch.optim import Optimizer, optimizer

COMPILER = "torch._dynamo"
_WRAPPED = ("add_param_group", "state_dict", "load_state_dict")
_INSTEAD = "__dynamo_disable"  # where the wrapper looks for what it is to call


def avoid_compiler_import() -> None:
    """Lets optimizers be made, saved and loaded without that import; nothing changes where it was imported already."""
    if COMPILER in sys.modules:
        return
    for name in _WRAPPED:
        plain = inspect.unwrap(getattr(Optimizer, name))
        if not hasattr(plain, _INSTEAD):
            setattr(plain, _INSTEAD, plain)


def step(chosen: Optimizer) -> None:
    """A step of an optimizer; of torch's own ones by the method inside of the wrappers, as long as nobody hooks in."""
    plain = inspect.unwrap(type(chosen).step)
    hooks = [*_hooks(optimizer, "_global_optimizer"), *_hooks(chosen, "_optimizer_step")]
    torchs = plain.__module__.startswith("torch.optim.") and "step" not in vars(chosen)
    if COMPILER in sys.modules or hooks or not torchs or chosen.defaults.get("differentiable"):
        chosen.step()
    else:
        with torch.no_grad():
            plain(chosen)


def _hooks(owner: object, prefix: str) -> list[object]:
    return [hook for when in ("pre", "post") for hook in getattr(owner, f"{prefix}_{when}_hooks", ())]
