"""Tests of warps: exact for integer maps, and twice differentiable."""

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


def test_mirrors_quarter_turns_and_integer_shifts_are_exact() -> None:
    some = pictures(6, 8)
    assert torch.equal(by(scaled(numbers(1), numbers(1)), some), some)
    assert torch.equal(by(scaled(numbers(-1), numbers(1)), some), some.flip(3))
    assert torch.equal(by(shifted(numbers(3), numbers(-2)), some)[:, :, :-2, 3:], some[:, :, 2:, :-3])
    square = pictures()
    assert torch.equal(by(rotated(numbers(math.pi / 2)), square), square.transpose(2, 3).flip(3)) or torch.equal(
        by(rotated(numbers(math.pi / 2)), square), square.transpose(2, 3).flip(2)
    )


def test_a_picture_is_mirrored_beyond_its_edges() -> None:
    some = pictures()
    warp = by(shifted(numbers(2), numbers(0)), some)
    assert torch.equal(warp[:, :, :, :2], some[:, :, :, :2].flip(3))
    assert torch.equal(by(shifted(numbers(24), numbers(0)), some), some)  # two periods


def test_a_linear_ramp_is_interpolated_exactly() -> None:
    plane = torch.arange(16, dtype=torch.float64).expand(1, 1, 16, 16)
    warp = by(shifted(numbers(0.3), numbers(0.7)), plane)
    torch.testing.assert_close(warp[..., 4:12], plane[..., 4:12] - 0.3)


def test_the_inverse_map_restores_a_smooth_picture() -> None:
    x = torch.linspace(-2, 2, 32, dtype=torch.float64)
    bump = torch.exp(-(x[:, None] ** 2) - (x[None, :] - 0.3) ** 2)[None, None]
    maps = rotated(numbers(0.4)) @ scaled(numbers(0.9), numbers(1.1))
    restored = by(torch.linalg.inv(maps), by(maps, bump))
    torch.testing.assert_close(restored[..., 8:24, 8:24], bump[..., 8:24, 8:24], atol=2e-3, rtol=0)


def test_a_warp_is_twice_differentiable() -> None:
    maps = geometry(Draws(0, 0, 0, 2, dtype=torch.float64), 1.0, 4, 5)
    some = pictures(4, 5).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: warped(x, maps).square(), (some,))


@pytest.mark.parametrize("p", [0.0, 0.3])
def test_each_transform_has_its_probability(p: float) -> None:
    maps = geometry(Draws(0, 0, 0, 4_000, dtype=torch.float64), p, 64, 64)
    identity = (maps == torch.eye(2, 3, dtype=torch.float64)).flatten(1).all(1).double().mean().item()
    # half of the mirrors, a quarter of the turns, and integer shifts rounded to 0 are the identity
    expected = (1 - p / 2) * (1 - 3 * p / 4) * (1 - p) ** 5
    assert identity == pytest.approx(expected, abs=0.02)
    assert (maps[:, :, :2].det().abs() > 0.1).all()
