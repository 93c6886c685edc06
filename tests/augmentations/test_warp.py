"""Warps: exact where they can be, and differentiable twice."""

import math

import pytest
import torch
from torch import Tensor

from ganwright.augmentations._geometry import geometry, rotated, scaled, shifted
from ganwright.augmentations._warp import warped
from ganwright.core.draws import Draws


def pictures(height: int = 6, width: int = 6) -> Tensor:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def by(maps: Tensor, some: Tensor) -> Tensor:
    return warped(some, maps[:, :2].to(some.dtype).expand(len(some), -1, -1))


def numbers(value: float) -> Tensor:
    return torch.tensor([value], dtype=torch.float64)


def test_mirrors_turns_and_whole_shifts_are_exact() -> None:
    some = pictures(6, 8)
    assert torch.equal(by(scaled(numbers(1), numbers(1)), some), some)
    assert torch.equal(by(scaled(numbers(-1), numbers(1)), some), some.flip(3))
    assert torch.equal(by(shifted(numbers(3), numbers(-2)), some)[:, :, :-2, 3:], some[:, :, 2:, :-3])
    square = pictures()
    assert torch.equal(by(rotated(numbers(math.pi / 2)), square), square.transpose(2, 3).flip(3)) or torch.equal(
        by(rotated(numbers(math.pi / 2)), square), square.transpose(2, 3).flip(2)
    )


def test_a_picture_goes_on_as_its_mirror_image() -> None:
    some = pictures()
    moved = by(shifted(numbers(2), numbers(0)), some)
    assert torch.equal(moved[:, :, :, :2], some[:, :, :, :2].flip(3))
    assert torch.equal(by(shifted(numbers(24), numbers(0)), some), some)  # two whole periods


def test_a_plane_is_interpolated_exactly() -> None:
    plane = torch.arange(16, dtype=torch.float64).expand(1, 1, 16, 16)
    moved = by(shifted(numbers(0.3), numbers(0.7)), plane)
    torch.testing.assert_close(moved[..., 4:12], plane[..., 4:12] - 0.3)


def test_a_map_and_its_inverse_give_a_smooth_picture_back() -> None:
    x = torch.linspace(-2, 2, 32, dtype=torch.float64)
    bump = torch.exp(-(x[:, None] ** 2) - (x[None, :] - 0.3) ** 2)[None, None]
    there = rotated(numbers(0.4)) @ scaled(numbers(0.9), numbers(1.1))
    again = by(torch.linalg.inv(there), by(there, bump))
    torch.testing.assert_close(again[..., 8:24, 8:24], bump[..., 8:24, 8:24], atol=2e-3, rtol=0)


def test_its_gradient_has_a_gradient() -> None:
    maps = geometry(Draws(0, 0, 0, 2, dtype=torch.float64), 1.0, 4, 5)
    some = pictures(4, 5).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: warped(x, maps).square(), (some,))


@pytest.mark.parametrize("p", [0.0, 0.3])
def test_each_step_comes_as_often_as_it_should(p: float) -> None:
    maps = geometry(Draws(0, 0, 0, 4_000, dtype=torch.float64), p, 64, 64)
    still = (maps == torch.eye(2, 3, dtype=torch.float64)).flatten(1).all(1).double().mean().item()
    # half of the mirrors and a quarter of the turns do nothing, nor do whole shifts that are rounded to none
    least = (1 - p / 2) * (1 - 3 * p / 4) * (1 - p) ** 5
    assert still == pytest.approx(least, abs=0.02)
    assert (maps[:, :, :2].det().abs() > 0.1).all()
