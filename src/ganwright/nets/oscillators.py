"""A bank of oscillators whose levels and frequencies change over time (Serra & Smith 1990)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KERNEL = 8  # steps, of the kernel that interpolates envelopes
BETA = 7.86  # of its Kaiser window, whose sidelobes are at -80 decibels
TURN = 2 * math.pi


class Oscillators(nn.Module):
    """Maps levels and frequencies [n, oscillators, frames] to their sum [n, (frames - 1) hop - KERNEL step].

    Level and frequency are linear in time between frames, which are `hop` samples apart and begin half a kernel before
    the sound. Levels are natural logarithms of amplitudes. Frequencies are offsets from `centres` [oscillators], in
    cycles per sample, and at most 0.3 / step: an oscillator is a complex envelope, computed at every `step`-th sample,
    that modulates the cosine of its centre. Envelopes are interpolated by a windowed sinc, so that interpolation and
    modulation are one transposed convolution with kernels that do not change.
    """

    centres: Tensor
    kernels: Tensor  # [values per frame, 2 oscillators, KERNEL step + hop], each `step` samples after the one before
    times: Tensor  # of the values of an envelope within a frame, in frames, [values per frame, 1, 1]

    def __init__(self, centres: Tensor, hop: int, step: int) -> None:
        super().__init__()
        if hop % step:
            raise ValueError(f"The hop of oscillators is a multiple of their step {step}, not {hop}.")
        self.hop, self.kernel = hop, KERNEL * step
        places = torch.arange(self.kernel, dtype=torch.float64) - self.kernel // 2
        window = torch.kaiser_window(self.kernel, periodic=True, beta=BETA, dtype=torch.float64)
        interpolation, phases = torch.sinc(places / step) * window, TURN * centres.double()[:, None] * places
        kernel = torch.cat([interpolation * phases.cos(), -interpolation * phases.sin()])
        kernels = torch.stack([F.pad(kernel, (begin, hop - begin)) for begin in range(0, hop, step)])
        times = torch.arange(0, hop, step) / hop
        dtype = torch.get_default_dtype()
        self.register_buffer("centres", centres.to(dtype), persistent=False)
        self.register_buffer("kernels", kernels.flatten(0, 1).to(dtype), persistent=False)
        self.register_buffer("times", times.to(dtype)[:, None, None], persistent=False)

    def forward(self, levels: Tensor, offsets: Tensor) -> Tensor:
        pieces = torch.matmul(self._envelopes(levels, offsets).transpose(1, 2), self.kernels)
        parts = torch.split(pieces, self.hop, 2)
        count = len(parts) - 1
        padded = [F.pad(part, (0, self.hop - part.shape[2], place, count - place)) for place, part in enumerate(parts)]
        return torch.stack(padded).sum(0).flatten(1)[:, self.kernel : pieces.shape[1] * self.hop]

    def _envelopes(self, levels: Tensor, offsets: Tensor) -> Tensor:
        """Amplitudes times cosines and sines of the phases: [n, values per frame * 2 oscillators, frames - 1]."""
        frequency = self.centres[:, None] + offsets
        slope = frequency.diff(dim=2)
        turns = self.hop * (frequency[..., :-1] + slope / 2)  # over each frame
        begin = F.pad((turns - turns.round()).cumsum(2)[..., :-1], (1, 0))  # whole turns are left out: precision
        speed, bend = (TURN * self.hop) * frequency[..., :-1].unsqueeze(1), (TURN * self.hop / 2) * slope.unsqueeze(1)
        phase = TURN * begin.unsqueeze(1) + self.times * (speed + self.times * bend)
        amplitude = (levels[..., :-1].unsqueeze(1) + self.times * levels.diff(dim=2).unsqueeze(1)).exp()
        return torch.cat([amplitude * phase.cos(), amplitude * phase.sin()], 2).flatten(1, 2)
