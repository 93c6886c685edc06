"""The history fills up, then gives half of the time an earlier fake for a new one."""

import torch
from torch import nn

from ganwright.core.draws import Draws
from ganwright.games.history import DiscriminatorWithPool


def numbered(first: int, count: int) -> torch.Tensor:
    return torch.arange(first, first + count, dtype=torch.float32)[:, None]


def test_new_fakes_are_met_until_it_is_full() -> None:
    discriminator = DiscriminatorWithPool(nn.Identity(), (1,), size=8)
    for step in range(2):
        assert torch.equal(discriminator.met(numbered(4 * step, 4), Draws(0, step, 0, 4)), numbered(4 * step, 4))
    assert torch.equal(discriminator.history, numbered(0, 8))


def test_then_half_of_them_change_places_with_earlier_ones() -> None:
    discriminator, met = DiscriminatorWithPool(nn.Identity(), (1,), size=8), torch.zeros(0, 1)
    discriminator.met(numbered(0, 8), Draws(0, 0, 0, 8))
    for step in range(1, 101):
        new = numbered(8 * step, 8)
        given = discriminator.met(new, Draws(0, step, 0, 8))
        met = torch.cat([met, (given == new).float()])
    assert 0.45 < met.mean() < 0.55
    assert len(discriminator.history.unique()) == 8  # nothing is held twice


def test_no_fake_is_met_twice_and_none_is_lost() -> None:
    discriminator, met = DiscriminatorWithPool(nn.Identity(), (1,), size=4), []
    for step in range(50):
        met += discriminator.met(numbered(4 * step, 4), Draws(0, step, 0, 4)).flatten().tolist()
    everything = sorted([*met[4:], *discriminator.history.flatten().tolist()])  # the first four are met and held
    assert everything == [float(number) for number in range(200)]


def test_without_a_size_every_fake_is_met() -> None:
    fake = numbered(0, 3)
    assert DiscriminatorWithPool(nn.Identity(), (1,), size=0).met(fake, Draws(0, 0, 0, 3)) is fake
