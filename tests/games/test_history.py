"""The history fills up, then gives half of the time an earlier fake for a new one."""

import torch
from torch import nn

from ganwright.core.draws import Draws
from ganwright.games.history import Remembering


def numbered(first: int, count: int) -> torch.Tensor:
    return torch.arange(first, first + count, dtype=torch.float32)[:, None]


def test_new_fakes_are_met_until_it_is_full() -> None:
    remembering = Remembering(nn.Identity(), (1,), size=8)
    for step in range(2):
        assert torch.equal(remembering.met(numbered(4 * step, 4), Draws(0, step, 0, 4)), numbered(4 * step, 4))
    assert torch.equal(remembering.history, numbered(0, 8))


def test_then_half_of_them_change_places_with_earlier_ones() -> None:
    remembering, met = Remembering(nn.Identity(), (1,), size=8), torch.zeros(0, 1)
    remembering.met(numbered(0, 8), Draws(0, 0, 0, 8))
    for step in range(1, 101):
        new = numbered(8 * step, 8)
        given = remembering.met(new, Draws(0, step, 0, 8))
        met = torch.cat([met, (given == new).float()])
    assert 0.45 < met.mean() < 0.55
    assert len(remembering.history.unique()) == 8  # nothing is held twice


def test_no_fake_is_met_twice_and_none_is_lost() -> None:
    remembering, met = Remembering(nn.Identity(), (1,), size=4), []
    for step in range(50):
        met += remembering.met(numbered(4 * step, 4), Draws(0, step, 0, 4)).flatten().tolist()
    everything = sorted([*met[4:], *remembering.history.flatten().tolist()])  # the first four are met and held
    assert everything == [float(number) for number in range(200)]


def test_without_a_size_every_fake_is_met() -> None:
    fake = numbered(0, 3)
    assert Remembering(nn.Identity(), (1,), size=0).met(fake, Draws(0, 0, 0, 3)) is fake
