"""Limits the memory of networks that are built from a run folder, whose options may ask for any size."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from ganwright.core.errors import UserError

FACTORIES = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn, torch.eye}
RANGES = {torch.arange, torch.linspace, torch.logspace}
CALLS = 100_000  # of a factory, at most: a loop over an absurd number of layers ends too


class TooLargeError(UserError):
    """More memory was asked for than is allowed."""

    def __init__(self) -> None:
        super().__init__("The networks are far larger than the saved ones.")


class AllocationLimit(TorchFunctionMode):
    """A context in which torch's factories make at most `numbers` elements in total; then they raise TooLargeError."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.numbers, self.calls = numbers, CALLS

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in FACTORIES or func in RANGES:
            self.calls -= 1
            self.numbers -= _elements(func, args, kwargs)
            if self.numbers < 0 or self.calls < 0:
                raise TooLargeError
        return func(*args, **kwargs)


def _elements(func: Any, args: Any, kwargs: Any) -> int:
    """The number of elements that a factory makes, at most."""
    if func in RANGES:
        return int(max((abs(value) for value in args if isinstance(value, (int, float))), default=0))
    shape = kwargs.get("size", args[0] if args and not isinstance(args[0], int) else args)
    sizes = [size for size in shape if isinstance(size, int)]
    return math.prod(sizes) ** (2 if func is torch.eye and len(sizes) == 1 else 1)
