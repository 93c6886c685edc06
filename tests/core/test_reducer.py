"""Averaging of gradients in buckets, in one process and with a simulated second one."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn

from ganwright.core import ranks
from ganwright.core.reducer import Reducer


@dataclass
class Exchange:
    """Replaces `all_reduce`: adds `other`, the second process's gradients, to each bucket that is sent."""

    other: Callable[[Tensor], Tensor]
    sent: list[Tensor] = field(default_factory=list)

    def __call__(self, flat: Tensor, async_op: bool) -> "Exchange":
        assert async_op
        self.sent.append(flat.clone())
        flat += self.other(flat)
        return self

    def wait(self) -> None:
        """The result is there."""


@pytest.fixture
def idle_process(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """A second process with zero gradients."""
    exchange = Exchange(torch.zeros_like)
    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr("ganwright.core.reducer.dist.all_reduce", exchange)
    return exchange


def parameters(*sizes: int, dtype: torch.dtype = torch.float32) -> list[nn.Parameter]:
    return [nn.Parameter(torch.arange(1.0, size + 1, dtype=dtype)) for size in sizes]


def descend(weights: list[nn.Parameter]) -> None:
    """Gradients are twice the weights."""
    torch.stack([weight.square().sum() for weight in weights]).sum().backward()


def test_every_parameter_is_in_one_bucket_the_last_ones_first() -> None:
    weights = parameters(3, 5, 2, 9, 1)
    reducer = Reducer(weights, bucket_bytes=32)
    flat = [weight for bucket in reducer.buckets for weight in bucket]
    assert [id(weight) for weight in flat] == [id(weight) for weight in reversed(weights)]
    assert len(reducer.buckets) > 1


@pytest.mark.parametrize("limit", [4, 16, 40, 10**6])
def test_a_bucket_stays_within_its_limit_or_holds_a_single_parameter(limit: int) -> None:
    reducer = Reducer(parameters(3, 5, 2, 9, 1, 4), limit)
    sizes = [sum(weight.nbytes for weight in bucket) for bucket in reducer.buckets]
    assert all(size <= limit or len(bucket) == 1 for size, bucket in zip(sizes, reducer.buckets, strict=True))
    assert sum(sizes) == 24 * 4
    assert (len(sizes) == 1) == (limit == 10**6)


def test_a_bucket_has_one_dtype() -> None:
    weights = [*parameters(2, 2), *parameters(2, dtype=torch.float64), *parameters(2)]
    dtypes = [{weight.dtype for weight in bucket} for bucket in Reducer(weights).buckets]
    assert dtypes == [{torch.float32}, {torch.float64}, {torch.float32}]


def test_one_process_keeps_its_gradients() -> None:
    weights = parameters(3, 2)
    reducer = Reducer(weights)
    reducer.arm()
    descend(weights)
    reducer.finish()
    assert not reducer.armed
    assert all(torch.equal(weight.grad, 2 * weight.detach()) for weight in weights)  # type: ignore[arg-type]


def test_gradients_are_averaged_over_the_processes(idle_process: Exchange) -> None:
    weights = parameters(3, 2, 4)
    reducer = Reducer(weights, bucket_bytes=16)
    for _ in range(2):  # a second step starts afresh
        for weight in weights:
            weight.grad = None
        reducer.arm()
        descend(weights)
        reducer.finish()
        assert all(torch.equal(weight.grad, weight.detach()) for weight in weights)  # type: ignore[arg-type]


def test_buckets_are_sent_during_the_backward_pass(idle_process: Exchange) -> None:
    weights = parameters(3, 2, 4)
    reducer = Reducer(weights, bucket_bytes=16)
    reducer.arm()
    descend(weights)
    assert [flat.tolist() for flat in idle_process.sent] == [
        (2 * torch.cat([weight.detach() for weight in bucket])).tolist() for bucket in reducer.buckets
    ]


def test_the_order_of_the_buckets_does_not_depend_on_that_of_the_gradients(idle_process: Exchange) -> None:
    weights = parameters(3, 2, 4)
    reducer = Reducer(weights, bucket_bytes=4)
    reducer.arm()
    weights[0].sum().backward()  # of the last bucket
    assert idle_process.sent == []
    (weights[1].sum() + weights[2].sum()).backward()
    assert [len(flat) for flat in idle_process.sent] == [4, 2, 3]


def test_accumulated_gradients_are_sent_once(idle_process: Exchange) -> None:
    weights = parameters(3)
    reducer = Reducer(weights)
    descend(weights)
    assert idle_process.sent == []
    reducer.arm()
    descend(weights)
    reducer.finish()
    assert len(idle_process.sent) == 1
    assert torch.equal(weights[0].grad, 2 * weights[0].detach())  # type: ignore[arg-type]


def test_a_parameter_without_a_gradient_keeps_none(idle_process: Exchange) -> None:
    idle_process.other = torch.ones_like
    used, unused = weights = parameters(3, 2)
    reducer = Reducer(weights, bucket_bytes=4)
    reducer.arm()
    descend([used])
    assert idle_process.sent == []  # the first bucket is still missing its gradient
    reducer.finish()
    assert unused.grad is None
    assert torch.equal(used.grad, used.detach() + 0.5)  # type: ignore[arg-type]


def test_averages_keep_the_memory_format_of_their_weights(idle_process: Exchange) -> None:
    weight = nn.Parameter(torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last))
    reducer = Reducer([weight])
    reducer.arm()
    descend([weight])
    reducer.finish()
    assert weight.grad is not None
    assert weight.grad.stride() == weight.stride()
    assert torch.equal(weight.grad, weight.detach())


def test_a_channels_last_weight_without_a_gradient_is_sent(idle_process: Exchange) -> None:
    """The layers of finer levels in progressive growing have no gradient yet."""
    unused = nn.Conv2d(2, 3, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    reducer = Reducer([*unused.parameters(), *(weights := parameters(3))])
    reducer.arm()
    descend(weights)
    reducer.finish()
    assert unused.weight.grad is None
    assert torch.equal(weights[0].grad, weights[0].detach())  # type: ignore[arg-type]
    assert sum(flat.numel() for flat in idle_process.sent) == 3 + 3 * 2 * 9 + 3
