"""Networks of absurd sizes are not built."""

import pytest
import torch
from torch import nn

from ganwright.runs.allocation_limit import CALLS, AllocationLimit, TooLargeError


def test_networks_within_the_limit_are_built() -> None:
    with AllocationLimit(100):
        layer = nn.Linear(8, 8)
    assert layer.weight.numel() == 64


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(10**6, 10**6),
        lambda: nn.Conv2d(10**5, 10**5, 3),
        lambda: torch.zeros(10**12),
        lambda: torch.ones((10**6, 10**6)),
        lambda: torch.full((10**12,), 1.0),
        lambda: torch.randn(size=(10**12,)),
        lambda: torch.eye(10**6),
        lambda: torch.arange(10**12),
        lambda: torch.linspace(0, 1, 10**12),
    ],
)
def test_larger_ones_are_refused_before_memory_is_taken(make: object) -> None:
    with pytest.raises(TooLargeError), AllocationLimit(1_000):
        make()  # type: ignore[operator]


def many(make: object, count: int) -> None:
    for _ in range(count):
        make()  # type: ignore[operator]


def test_the_limit_is_on_the_total() -> None:
    with pytest.raises(TooLargeError), AllocationLimit(1_000):
        many(lambda: nn.Linear(8, 8), 20)


def test_endless_layers_without_weights_are_refused() -> None:
    with pytest.raises(TooLargeError), AllocationLimit(10):
        many(lambda: torch.empty(0), CALLS + 1)
