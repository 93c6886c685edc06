"""Tiles equal the whole picture if their windows cover the receptive field."""

import pytest
import torch
from torch import nn

from ganwright.core.tiling import strips


def network(layers: int) -> nn.Module:
    torch.manual_seed(0)
    convolutions = [nn.Conv2d(2, 2, 3, padding=1) for _ in range(layers)]
    return nn.Sequential(*convolutions, nn.Upsample(scale_factor=3)).double()


@pytest.mark.parametrize("size", [(40, 33), (7, 50), (8, 8), (1, 1)])
@torch.no_grad()
def test_tiles_with_a_sufficient_reach_equal_the_whole_picture(size: tuple[int, int]) -> None:
    function, pictures = network(4), torch.randn(2, 2, *size, dtype=torch.float64)
    result = torch.cat(list(strips(function, pictures, 3, reach=4, side=8)), 2)
    torch.testing.assert_close(result, function(pictures), rtol=0, atol=1e-12)


@torch.no_grad()
def test_tiles_with_too_small_a_reach_have_seams() -> None:
    function, pictures = network(4), torch.randn(1, 2, 32, 32, dtype=torch.float64)
    result = torch.cat(list(strips(function, pictures, 3, reach=3, side=8)), 2)
    wrong = (result - function(pictures)).abs().amax((0, 1)) > 1e-9
    assert wrong.any()
    assert not wrong[3 * 1 : 3 * 7, 3 * 1 : 3 * 7].any()  # one pixel at the seams


def test_a_strip_is_as_high_as_a_tile() -> None:
    result = [strip.shape for strip in strips(nn.Identity(), torch.zeros(1, 1, 20, 5), 1, reach=0, side=8)]
    assert result == [(1, 1, 8, 5), (1, 1, 8, 5), (1, 1, 4, 5)]
