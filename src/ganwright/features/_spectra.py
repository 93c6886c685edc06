"""Log energies of pictures' tiles in bands of spatial frequency, brightness and colours apart; no network."""

from __future__ import annotations

import torch
from torch import Tensor

STEP = 1 / 8  # cycles per pixel between the centres of bands, along each side; 1/2 is the highest frequency
BANDS = 5  # of frequencies along a side: 0, 1/8, 1/4, 3/8, 1/2
FLOORS = torch.tensor([4.0, 16.0, 16.0])  # squared grey levels, added to the energies of the planes, see below
RGB = torch.tensor([[1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, -1.0], [1.0, -1.0, 0.0]])


def planes(pictures: Tensor) -> Tensor:
    """float32 [..., channels, height, width] to brightness alone (grey) or brightness, R - B, R - G (RGB)."""
    return pictures if pictures.shape[-3] == 1 else torch.einsum("pc,...chw->...phw", RGB, pictures)


def log_energies(tiles: Tensor) -> Tensor:
    """Planes float32 [n, tiles, planes, side, side] to decibels float32 [n, planes * 25], of the mean over tiles.

    Of each tile and plane the mean is removed and a Hann window applied. The energy of a band is the mean power of its
    frequencies, in units in which white noise has its variance, in squared grey levels, plus that of noise which is
    hardly seen: of 2 levels in brightness, and of 4 in differences of colours, for which eyes are less sensitive.
    """
    side = tiles.shape[-1]
    line = torch.hann_window(side + 2, periodic=False)[1:-1]
    window = line[:, None] * line
    means = (tiles * window).sum((-2, -1), keepdim=True) / window.sum()
    waves = torch.fft.rfft2((tiles - means) * window)
    power = (waves.real.square() + waves.imag.square()).mean(1) / window.square().sum()
    vertical, horizontal = _membership(torch.fft.fftfreq(side)), _membership(torch.fft.rfftfreq(side))
    bands = torch.einsum("yv,npvh,xh->npyx", vertical, power, horizontal)
    return (10 * torch.log10(bands + FLOORS[: bands.shape[1], None, None])).flatten(1)


def _membership(frequencies: Tensor) -> Tensor:
    """float32 [bands, frequencies]: means over those nearest to each band's centre, of either sign."""
    nearest = (frequencies.abs() / STEP + 0.5).floor().long()
    inside = (nearest == torch.arange(BANDS)[:, None]).float()
    return inside / inside.sum(1, keepdim=True)
