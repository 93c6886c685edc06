"""Geometric transforms of ADA's pipeline as one affine map per picture."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganwright.core.draws import Draws

SHIFT = 0.125  # of a side: the maximum of integer shifts, the standard deviation of fractional ones
SCALE = 0.2  # standard deviation of scales, in powers of two


def geometry(draws: Draws, p: float, height: int, width: int) -> Tensor:
    """Maps [n, 2, 3] from positions in the augmented picture to positions in the picture, in pixels from the centre.

    Karras et al. 2020, appendix B: mirror, quarter turns, integer shift, scale, rotation, anisotropic scale, second
    rotation, fractional shift; each with probability p. Each rotation has probability 1 - sqrt(1 - p), so that at least
    one occurs with probability p.
    """
    gates, rotation = draws.at("gates").uniform(8), 1 - math.sqrt(1 - p)
    thresholds = torch.tensor([p, p, p, p, rotation, p, rotation, p], device=gates.device, dtype=gates.dtype)
    mirror, quarter, whole, scale, before, stretch, after, shift = (gates < thresholds).to(gates.dtype).t()
    u, g = draws.at("even").uniform(6).t(), draws.at("normal").normal(4).t()
    sides = torch.tensor([width, height], device=gates.device, dtype=gates.dtype)[:, None]
    transforms = [
        scaled(1 - 2 * (mirror * (u[0] < 0.5)), torch.ones_like(mirror)),
        rotated(quarter * (u[1] * 4).floor() * (math.pi / 2)),
        shifted(*((2 * u[2:4] - 1) * SHIFT * sides).round() * whole),
        scaled(*torch.exp2(-SCALE * g[0] * scale).expand(2, -1)),
        rotated(before * (2 * u[4] - 1) * math.pi),
        scaled(torch.exp2(-SCALE * g[1] * stretch), torch.exp2(SCALE * g[1] * stretch)),
        rotated(after * (2 * u[5] - 1) * math.pi),
        shifted(*(g[2:4] * SHIFT * sides) * shift),
    ]
    maps = transforms[0]
    for transform in transforms[1:]:
        maps = maps @ transform
    return maps[:, :2]


def scaled(x: Tensor, y: Tensor) -> Tensor:
    """Scale factors [n] of each axis as maps [n, 3, 3]."""
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    return _maps([x, zero, zero], [zero, y, zero], [zero, zero, one])


def rotated(angle: Tensor) -> Tensor:
    """Angles [n] as maps [n, 3, 3]; quarter turns are exact."""
    sine, cosine = (torch.where(value.abs() < 1e-6, 0.0, value) for value in (angle.sin(), angle.cos()))
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return _maps([cosine, -sine, zero], [sine, cosine, zero], [zero, zero, one])


def shifted(x: Tensor, y: Tensor) -> Tensor:
    """Shifts [n] along each axis, in pixels, as maps [n, 3, 3]."""
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    return _maps([one, zero, -x], [zero, one, -y], [zero, zero, one])


def _maps(*rows: list[Tensor]) -> Tensor:
    return torch.stack([torch.stack(row, -1) for row in rows], -2)
