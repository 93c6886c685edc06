"""Players: clipping, freezing, and saved state."""

import pytest
import torch
from torch import nn

from ganwright.core.errors import UserError
from ganwright.core.player import Player, frozen


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=1.0)


def step(player: Player, gradient: float = 1.0) -> None:
    for parameter in player.parameters:
        parameter.grad = torch.full_like(parameter, gradient)
    player.step()


def test_gradients_are_clipped_to_the_norm() -> None:
    player = Player(nn.Linear(3, 1), sgd, gradient_clip=0.5)
    before = [p.detach().clone() for p in player.parameters]
    step(player)
    moved = torch.cat([(p - b).flatten() for p, b in zip(player.parameters, before, strict=True)])
    assert moved.norm().item() == pytest.approx(0.5, rel=1e-4)
    assert player.gradient_norm().item() == pytest.approx(0.5, rel=1e-4)


def test_a_constraint_is_applied_after_the_step() -> None:
    def clip(network: nn.Module) -> None:
        for parameter in network.parameters():
            parameter.data.clamp_(-0.01, 0.01)

    player = Player(nn.Linear(3, 1), sgd, constraint=clip)
    step(player)
    assert max(p.abs().max() for p in player.parameters) <= 0.01


def test_frozen_players_keep_their_buffers_and_get_no_gradient() -> None:
    player = Player(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), sgd)
    before = {name: value.clone() for name, value in player.weights().items()}
    x = torch.randn(8, 2, requires_grad=True)
    with frozen([player]):
        out = player.network(x)
        out.sum().backward()
    assert x.grad is not None
    assert all(torch.equal(value, before[name]) for name, value in player.weights().items())
    assert all(p.grad is None and p.requires_grad for p in player.parameters)


def test_optimizer_state_is_restored() -> None:
    def adam(parameters):  # type: ignore[no-untyped-def]
        return torch.optim.Adam(parameters, lr=1e-3, betas=(0.5, 0.99))

    one, other = Player(nn.Linear(2, 2), adam), Player(nn.Linear(2, 2), adam)
    step(one)
    other.load_weights(one.weights(), "here")
    tensors, rest = one.optimizer_state()
    other.load_optimizer_state({name: value.clone() for name, value in tensors.items()}, rest)
    for player in (one, other):
        step(player, 0.3)
    assert all(torch.equal(value, other.weights()[name]) for name, value in one.weights().items())


def test_weights_of_another_size_or_network_are_refused() -> None:
    player = Player(nn.Linear(2, 2), sgd)
    with pytest.raises(UserError, match="another size"):
        player.load_weights(Player(nn.Linear(3, 2), sgd).weights(), "there")
    with pytest.raises(UserError, match="different networks"):
        player.load_weights(Player(nn.Linear(2, 2), sgd, ema_half_life=10).weights(), "there")


def test_moments_are_restored_in_the_layout_of_their_weights() -> None:
    """A fused optimizer pairs them in memory order: contiguous moments would be paired with other weights."""

    def new_player() -> Player:
        torch.manual_seed(0)
        network = nn.Conv2d(4, 5, 3).to(memory_format=torch.channels_last)
        return Player(network, lambda parameters: torch.optim.Adam(parameters, lr=0.01, fused=True))

    def step(player: Player, seed: int) -> None:
        torch.manual_seed(seed)
        for parameter in player.parameters:
            parameter.grad = torch.empty_like(parameter).normal_()
        player.step()

    unbroken, stopped, resumed = new_player(), new_player(), new_player()
    step(unbroken, 1)
    step(stopped, 1)
    tensors, rest = stopped.optimizer_state()
    resumed.load_weights(stopped.weights(), "here")
    resumed.load_optimizer_state({name: value.contiguous() for name, value in tensors.items()}, rest)  # as in a file
    step(unbroken, 2)
    step(resumed, 2)
    for mine, theirs in zip(resumed.parameters, unbroken.parameters, strict=True):
        assert torch.equal(mine, theirs)
