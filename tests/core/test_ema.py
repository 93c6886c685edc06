"""The EMA of a network's weights: its half-life, its ramp, and its buffers."""

import pytest
import torch
from torch import nn

from ganwright.core.ema import Ema


def tensors(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]


def distance(ema: Ema, network: nn.Linear) -> float:
    return float((ema.network.weight - network.weight).detach().norm())


def test_an_ema_halves_the_distance_in_its_half_life() -> None:
    network, still = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    ema = Ema(network, half_life=100)
    before = ema.network.weight.item() - still.weight.item()
    ema.update(still, examples=10**6, batch=100)
    assert ema.network.weight.item() - still.weight.item() == pytest.approx(before / 2, rel=1e-5)


@pytest.mark.parametrize("batch", [1, 10, 50])
def test_the_half_life_does_not_depend_on_the_batch_size(batch: int) -> None:
    still = nn.Linear(3, 2, bias=False).double()
    ema = Ema(nn.Linear(3, 2, bias=False).double(), half_life=100)
    before = distance(ema, still)
    for _ in range(100 // batch):
        ema.update(still, examples=10**6, batch=batch)
    assert distance(ema, still) == pytest.approx(before / 2)


def test_the_ema_of_a_constant_network_is_that_network() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    ema = Ema(network, half_life=1000)
    before = [tensor.clone() for tensor in tensors(network)]
    for step in range(1, 20):
        ema.update(network, examples=64 * step, batch=64)
    assert all(torch.equal(*pair) for pair in zip(tensors(ema.network), before, strict=True))


def test_an_ema_converges_despite_a_long_half_life() -> None:
    network, still = nn.Linear(1, 1), nn.Linear(1, 1)
    ema = Ema(network, half_life=10**9, share=0.05)
    for step in range(1, 200):
        ema.update(still, examples=100 * step, batch=100)
    assert ema.network.weight.item() == pytest.approx(still.weight.item(), abs=1e-3)


def test_the_half_life_is_at_most_a_share_of_the_examples_read() -> None:
    ema = Ema(nn.Linear(1, 1), half_life=100, share=0.05)
    assert ema.decay(examples=200, batch=10) == pytest.approx(0.5)
    assert ema.decay(examples=2_000, batch=100) == pytest.approx(0.5)
    assert ema.decay(examples=10**6, batch=100) == pytest.approx(0.5)
    assert ema.decay(examples=0, batch=10) == 0


def test_an_ema_averages_float_buffers_and_copies_others() -> None:
    network = nn.BatchNorm1d(2)
    ema = Ema(network, half_life=100)
    network(torch.randn(8, 2) + 5)
    ema.update(network, examples=10**6, batch=100)
    assert torch.equal(ema.network.running_mean, network.running_mean / 2)
    assert ema.network.num_batches_tracked == 1
    assert not ema.network.training


def test_an_ema_is_an_independent_copy_without_gradients() -> None:
    network = nn.Linear(2, 2)
    ema = Ema(network, half_life=100)
    before = network.weight.detach().clone()
    ema.update(nn.Linear(2, 2), examples=10**6, batch=100)
    assert torch.equal(network.weight, before)
    assert not torch.equal(ema.network.weight, before)
    assert not any(parameter.requires_grad for parameter in ema.network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_replaced_tensors_are_averaged_after_the_cache_is_reset() -> None:
    network = nn.Linear(2, 2)
    ema = Ema(network, half_life=100)
    ema.update(network, examples=10**6, batch=100)
    network.weight = nn.Parameter(network.weight.detach() + 2)
    ema.reset_tensor_cache()
    ema.update(network, examples=10**6, batch=100)
    torch.testing.assert_close(ema.network.weight.data, network.weight.data - 1)
