"""Counts the operations of a computation, backward passes included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ganwright.execution import private_names


class Operations(NamedTuple):
    """The number of torch operations, and their multiply-adds as torch counts them: convolutions and products."""

    operations: int
    multiply_adds: int


def counted(work: Callable[[], object]) -> Operations | None:
    """What `work` computes; None if this version of torch cannot be observed."""
    if private_names.missing("counting operations"):
        return None
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.flop_counter import flop_registry

    class Counter(TorchDispatchMode):
        """Without module tracking, which fails on the second-order gradients of penalties."""

        operations = flops = 0

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            """Avoids that torch imports its compiler to exclude this mode."""
            return False

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = function(*args, **(kwargs or {}))
            formula = flop_registry.get(function._overloadpacket)
            self.operations += 1
            self.flops += 0 if formula is None else formula(*args, **(kwargs or {}), out_val=out)
            return out

    with Counter() as counter:
        work()
    return Operations(counter.operations, counter.flops // 2)
