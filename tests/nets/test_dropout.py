"""Dropout takes its mask from the turn's draws; outside of a turn, from torch."""

import torch

from ganwright.core.draws import Draws, supplied, supplying
from ganwright.nets.dropout import Dropout

DRAWS = Draws(seed=0, step=0, start=0, stop=1000)
ONES = torch.ones(1000, 7)


def test_the_mask_comes_from_the_draws():
    layer = Dropout(0.3)
    with supplying(DRAWS):
        dropped = layer(ONES)
    expected = DRAWS.at("layer0").bernoulli(0.7, 7) / 0.7
    torch.testing.assert_close(dropped, expected)
    assert abs(dropped.mean() - 1) < 0.03


def test_images_have_a_mask_for_each_channel_and_pixel():
    with supplying(DRAWS):
        dropped = Dropout(0.3)(torch.ones(1000, 2, 3, 5))
    expected = DRAWS.at("layer0").bernoulli(0.7, 3, 5, 2) / 0.7
    torch.testing.assert_close(dropped, expected.permute(0, 3, 1, 2))


def test_masks_of_layers_are_independent():
    with supplying(DRAWS):
        first, second = Dropout()(ONES), Dropout()(ONES)
    assert not torch.equal(first, second)


def test_evaluation_is_the_identity_and_uses_no_draws():
    with supplying(DRAWS):
        assert torch.equal(Dropout().eval()(ONES), ONES)
        assert supplied() == DRAWS.at("layer0")


def test_outside_of_a_turn_it_is_torchs_dropout():
    torch.manual_seed(1)
    mine = Dropout(0.3)(ONES)
    torch.manual_seed(1)
    assert torch.equal(mine, torch.nn.Dropout(0.3)(ONES))
