"""WaveGAN's discriminator: convolutions of a waveform, with phase shuffle (Donahue et al. 2019)."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from ganwright.nets.phase_shuffle import PhaseShuffle
from ganwright.nets.wave_generator import KERNEL, STRIDE, widths

SLOPE = 0.2  # of leaky ReLU


def wave_trunk(samples: int, width: int, radius: int) -> tuple[nn.Sequential, int]:
    """Layers that map waveforms [n, 1, samples] to [n, features], and `features`; they mirror the generator.

    Convolutions of kernel 25 and stride 4 with leaky ReLU, and phase shuffle of a radius after all of them but the last
    (appendix D, table 4). Silence is added on both sides of a waveform whose length is no multiple of the strides.
    """
    channels = [1, *reversed(widths(width, samples))]
    whole = STRIDE ** (len(channels) - 1)
    base = -(-samples // whole)
    missing = base * whole - samples
    layers: list[nn.Module] = [nn.ConstantPad1d((missing // 2, missing - missing // 2), 0.0)]
    for fine, coarse in pairwise(channels):
        layers += [nn.Conv1d(fine, coarse, KERNEL, STRIDE, padding=11), nn.LeakyReLU(SLOPE), PhaseShuffle(radius)]
    return nn.Sequential(*layers[:-1], nn.Flatten()), channels[-1] * base
