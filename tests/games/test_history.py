"""The pool of fakes: it fills up, then exchanges half of the new fakes for earlier ones."""

import numpy as np
import pytest
import torch
from torch import nn

from ganwright.core import ranks
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


@pytest.mark.parametrize("parts", [1, 2, 4, 8])
def test_a_row_has_the_same_chances_in_parts_as_in_a_whole_batch(parts: int) -> None:
    """About half of a batch of eight are earlier fakes (.48: some were of the same batch), whatever the parts."""
    whole, split = (DiscriminatorWithPool(nn.Identity(), (1,), size=50) for _ in range(2))
    earlier = []
    for step in range(250):
        new, draws = numbered(8 * step, 8), Draws(0, step, 0, 8)
        expected, size = whole.query(new, draws), 8 // parts
        shown = [split.query(new[at : at + size], draws.rows(slice(at, at + size))) for at in range(0, 8, size)]
        assert torch.equal(torch.cat(shown), expected)
        earlier += (expected < 8 * step).flatten().tolist() if step > 50 else []
    assert torch.equal(whole.history, split.history)
    assert 0.44 < np.mean(earlier) < 0.52


def test_rows_of_another_process_have_chances_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two processes shows what one process shows for the second half of the batch."""
    one, second = (DiscriminatorWithPool(nn.Identity(), (1,), size=8) for _ in range(2))
    for step in range(20):
        new, draws = numbered(8 * step, 8), Draws(0, step, 0, 8)
        expected = one.query(new, draws)
        halves = iter([torch.stack([new[:4], new[4:]]), draws.uniform(2).view(2, 4, 2)])
        with monkeypatch.context() as patched:
            patched.setattr(ranks, "size", lambda: 2)
            patched.setattr(ranks, "rank", lambda: 1)
            patched.setattr(ranks, "gathered", lambda value, halves=halves: next(halves))
            shown = second.query(new[4:], draws.rows(slice(4, 8)))
        assert torch.equal(shown, expected[4:])
    assert torch.equal(one.history, second.history)


def test_no_fake_is_returned_twice_and_none_is_lost() -> None:
    discriminator, shown = DiscriminatorWithPool(nn.Identity(), (1,), size=4), []
    for step in range(50):
        shown += discriminator.query(numbered(4 * step, 4), Draws(0, step, 0, 4)).flatten().tolist()
    everything = sorted([*shown[4:], *discriminator.history.flatten().tolist()])  # the first four are in both
    assert everything == [float(number) for number in range(200)]


def test_a_pool_of_size_zero_returns_every_fake() -> None:
    fake = numbered(0, 3)
    assert DiscriminatorWithPool(nn.Identity(), (1,), size=0).query(fake, Draws(0, 0, 0, 3)) is fake
