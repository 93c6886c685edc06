"""The pool of fakes: it fills up, then exchanges half of the new fakes for earlier ones."""

import torch
from torch import nn

from ganwright.core.draws import Draws
from ganwright.games.history import DiscriminatorWithPool


def numbered(first: int, count: int) -> torch.Tensor:
    return torch.arange(first, first + count, dtype=torch.float32)[:, None]


def test_new_fakes_are_returned_until_the_pool_is_full() -> None:
    discriminator = DiscriminatorWithPool(nn.Identity(), (1,), size=8)
    for step in range(2):
        assert torch.equal(discriminator.query(numbered(4 * step, 4), Draws(0, step, 0, 4)), numbered(4 * step, 4))
    assert torch.equal(discriminator.history, numbered(0, 8))


def test_half_of_the_fakes_are_exchanged_once_the_pool_is_full() -> None:
    discriminator, is_new = DiscriminatorWithPool(nn.Identity(), (1,), size=8), torch.zeros(0, 1)
    discriminator.query(numbered(0, 8), Draws(0, 0, 0, 8))
    for step in range(1, 101):
        new = numbered(8 * step, 8)
        shown = discriminator.query(new, Draws(0, step, 0, 8))
        is_new = torch.cat([is_new, (shown == new).float()])
    assert 0.45 < is_new.mean() < 0.55
    assert len(discriminator.history.unique()) == 8  # no duplicates


def test_no_fake_is_returned_twice_and_none_is_lost() -> None:
    discriminator, shown = DiscriminatorWithPool(nn.Identity(), (1,), size=4), []
    for step in range(50):
        shown += discriminator.query(numbered(4 * step, 4), Draws(0, step, 0, 4)).flatten().tolist()
    everything = sorted([*shown[4:], *discriminator.history.flatten().tolist()])  # the first four are in both
    assert everything == [float(number) for number in range(200)]


def test_a_pool_of_size_zero_returns_every_fake() -> None:
    fake = numbered(0, 3)
    assert DiscriminatorWithPool(nn.Identity(), (1,), size=0).query(fake, Draws(0, 0, 0, 3)) is fake
