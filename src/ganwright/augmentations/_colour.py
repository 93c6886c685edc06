"""Colour transforms of ADA's pipeline for grey and RGB pictures."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganwright.core.draws import Draws

BRIGHTNESS = 0.2  # standard deviation
CONTRAST, SATURATION = 0.5, 1.0  # standard deviations, in powers of two


def recoloured(pictures: Tensor, draws: Draws, p: float) -> Tensor:
    """Applies a random affine map of colours to each of the pictures [n, channels, height, width].

    Karras et al. 2020, appendix B: brightness, contrast, luma flip, hue, saturation; each with probability p.
    """
    gates = (draws.at("gates").uniform(5) < p).to(pictures.dtype).t()
    even, normal = draws.at("even").uniform(2).to(pictures.dtype).t(), draws.at("normal").normal(3).t()
    brightness = gates[0] * BRIGHTNESS * normal[0]
    contrast = torch.exp2(gates[1] * CONTRAST * normal[1])
    luma = 1 - 2 * (gates[2] * (even[0] < 0.5))
    hue = gates[3] * (2 * even[1] - 1) * math.pi
    saturation = torch.exp2(gates[4] * SATURATION * normal[2])
    grey, chroma, quarter = axes(pictures)
    colours = _each(luma * contrast) * grey + _each(contrast * saturation) * (
        _each(hue.cos()) * chroma + _each(hue.sin()) * quarter
    )
    flat = colours.to(pictures.dtype) @ pictures.flatten(2) + _each(brightness * luma * contrast).to(pictures.dtype)
    return flat.view(pictures.shape)


def axes(pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Projections of a colour onto the grey axis and its orthogonal complement, and a quarter turn in the latter.

    [channels, channels] each. The complement of a grey picture is empty, so hue and saturation do not change it.
    """
    channels = pictures.shape[1]
    grey = pictures.new_full((channels, channels), 1 / channels)
    chroma = torch.eye(channels, device=pictures.device, dtype=pictures.dtype) - grey
    cross = torch.linalg.cross(torch.eye(3), torch.ones(3, 3)) / math.sqrt(3) if channels == 3 else torch.zeros(1, 1)
    return grey, chroma, cross.to(grey)


def _each(numbers: Tensor) -> Tensor:
    """[n] as [n, 1, 1]."""
    return numbers.view(-1, 1, 1)
