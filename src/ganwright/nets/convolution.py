"""Strided convolutions and their transposes, computed directly or, where that takes much less, by frequencies.

Along each axis a convolution is y[m] = sum_t w[t] x[stride m + t - before], for ceil(size / stride) places m; its
transpose spreads x[m] over y[stride m + t - before]. The stride x stride phases of a picture are the channels of a
coarser one, on which the convolution has stride 1. A discrete Fourier transform of the phases, a product of matrices
for each frequency, and the transform back give the same up to rounding; on the few places and many channels of a
network's coarse end with a sixth of the multiplications. The transforms are products with small matrices, so every
derivative is torch's own. (Mathieu, Henaff and LeCun 2014 train by frequencies too, with large transforms.)
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Pair = tuple[int, int]

GAIN = 1.75  # times fewer multiplications, from which frequencies are quicker: small matrices take longer for each


def convolved(pictures: Tensor, weight: Tensor, bias: Tensor | None, stride: int, before: Pair) -> Tensor:
    """[n, inputs, h, w] and a kernel [outputs, inputs, k, k] to [n, outputs, ceil(h / stride), ceil(w / stride)].

    `before` is the zeros above and to the left of a picture; as many as needed come after.
    """
    phases = Phases.of(weight, stride, before, (-(-pictures.shape[2] // stride), -(-pictures.shape[3] // stride)))
    if phases.by_frequencies(pictures, weight):
        return _biased(phases.convolved(_whole(pictures, stride), weight), bias)
    up, down = phases.rows.zeros(pictures.shape[2])
    left, right = phases.columns.zeros(pictures.shape[3])
    if up == down and left == right:
        return F.conv2d(pictures, weight, bias, stride, before)
    return F.conv2d(F.pad(pictures, (left, right, up, down)), weight, bias, stride)


def spread(pictures: Tensor, weight: Tensor, bias: Tensor | None, stride: int, before: Pair) -> Tensor:
    """[n, inputs, h, w] and a kernel [inputs, outputs, k, k] to [n, outputs, h stride, w stride]."""
    height, width = pictures.shape[2:]
    phases = Phases.of(weight, stride, before, (height, width))
    if phases.by_frequencies(pictures, weight):
        return _biased(phases.spread(pictures, weight), bias)
    whole = F.conv_transpose2d(pictures, weight, bias, stride, before)
    return whole[..., : height * stride, : width * stride]


class Axis(NamedTuple):
    """One axis of the phases: its places, and how far the kernel reaches over them, from `first` to `last`."""

    places: int
    kernel: int
    stride: int
    before: int

    @property
    def first(self) -> int:
        return -self.before // self.stride

    @property
    def last(self) -> int:
        return (self.kernel - 1 - self.before) // self.stride

    @property
    def taps(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def around(self) -> int:
        """A circular convolution of this size doesn't reach around into the picture."""
        return self.places + max(self.last, -self.first, 0)

    def filling(self) -> Pair:
        """Zeros before and after the kernel that make it `taps` times `stride` long."""
        front = -(self.stride * self.first + self.before)
        return front, len(self.taps) * self.stride - self.kernel - front

    def zeros(self, size: int) -> Pair:
        """Zeros before and after a picture of so many rows or columns."""
        return self.before, max((self.places - 1) * self.stride + self.kernel - self.before - size, 0)


class Phases(NamedTuple):
    """A convolution as its phases see it."""

    stride: int
    rows: Axis
    columns: Axis

    @classmethod
    def of(cls, weight: Tensor, stride: int, before: Pair, places: Pair) -> Phases:
        axes = (Axis(places[i], weight.shape[2 + i], stride, before[i]) for i in (0, 1))
        return cls(stride, *axes)

    def taps(self, weight: Tensor) -> Tensor:
        """The kernel by the phases it belongs to, [.., .., tap, phase, tap, phase], filled up with zeros."""
        filled = F.pad(weight, (*self.columns.filling(), *self.rows.filling()))
        taps = len(self.rows.taps), self.stride, len(self.columns.taps), self.stride
        return filled.reshape(*filled.shape[:2], *taps)

    def by_frequencies(self, pictures: Tensor, weight: Tensor) -> bool:
        """Whether that takes so much fewer multiplications that it pays; a function of shapes alone."""
        if pictures.device.type != "cpu" or pictures.dtype != weight.dtype or torch.is_autocast_enabled("cpu"):
            return False
        n, places = len(pictures), self.rows.places * self.columns.places
        coarse, phases = weight.shape[0], weight.shape[1] * self.stride**2
        kernels = coarse * phases * len(self.rows.taps) * len(self.columns.taps)
        each = places * coarse + places * phases + coarse * phases
        return n * places * weight.numel() > GAIN * rank(self.rows.around, self.columns.around) * (n * each + kernels)

    def convolved(self, pictures: Tensor, weight: Tensor) -> Tensor:
        """By frequencies; the pictures' sides are multiples of the stride."""
        into, kernel, out = matrices(self.rows, self.columns, weight.dtype)
        height, width = self.rows.places, self.columns.places
        phases = pictures.permute(0, 2, 3, 1).reshape(len(pictures), height, self.stride, width, self.stride, -1)
        phases = phases.transpose(2, 3).flatten(3).flatten(1, 2)  # [n, place, phase and input]
        taps = self.taps(weight).permute(2, 4, 3, 5, 1, 0).flatten(2).flatten(0, 1)  # [tap, phase and input and output]
        kernels = (kernel @ taps).view(len(kernel), -1, weight.shape[0])
        coarse = _products(into, phases, kernels, out)  # [n, place, output]
        return coarse.view(len(pictures), height, width, -1).permute(0, 3, 1, 2)

    def spread(self, pictures: Tensor, weight: Tensor) -> Tensor:
        """By frequencies: the transpose of `convolved`, with the roles of the two ends exchanged."""
        into, kernel, out = matrices(self.rows, self.columns, weight.dtype)
        height, width = self.rows.places, self.columns.places
        coarse = pictures.permute(0, 2, 3, 1).flatten(1, 2)  # [n, place, input]
        taps = self.taps(weight).permute(2, 4, 0, 3, 5, 1).flatten(2).flatten(0, 1)  # [tap, input and phase and output]
        kernels = (kernel @ taps).view(len(kernel), weight.shape[0], -1)
        phases = _products(out, coarse, kernels, into)  # [n, place, phase and output]
        phases = phases.view(len(pictures), height, width, self.stride, self.stride, -1).transpose(2, 3)
        return phases.reshape(len(pictures), height * self.stride, width * self.stride, -1).permute(0, 3, 1, 2)


def _products(into: Tensor, samples: Tensor, kernels: Tensor, out: Tensor) -> Tensor:
    """[n, place, inputs] by kernels [rank, inputs, outputs] to [n, place, outputs]."""
    frequencies = torch.bmm(torch.matmul(into, samples).transpose(0, 1), kernels)  # [rank, n, outputs]
    return torch.matmul(out.t(), frequencies.transpose(0, 1))


def rank(height: int, width: int) -> int:
    """Multiplications that a circular convolution of two real pictures of this size takes: one for each frequency
    that is its own conjugate, three for each pair of others (Gauss)."""
    alone = (2 - height % 2) * (2 - width % 2)
    return alone + 3 * (height * width - alone) // 2


@lru_cache(maxsize=64)
def matrices(rows: Axis, columns: Axis, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """A [rank, places], B [rank, taps], C [rank, places] with sum_t w[t] x[m + t] = (C' (A x * B w))[m].

    With a + ib and c + id the transforms of x and w at one frequency of a pair, the product's parts ac - bd and
    ad + bc are made of the three products (a + b) c, a (d - c) and b (c + d).
    """
    height, width = rows.around, columns.around
    frequencies = list(product(range(height), range(width)))
    opposite = {(u, v): (-u % height, -v % width) for u, v in frequencies}
    alone = [one for one in frequencies if opposite[one] == one]
    pairs = [one for one in frequencies if one < opposite[one]]

    def waves(chosen: list[Pair], down: range, across: range) -> np.ndarray:
        """[frequency, position], complex."""
        turns = [[u * m / height + v * k / width for m in down for k in across] for u, v in chosen]
        return np.exp(2j * np.pi * np.array(turns).reshape(len(chosen), len(down) * len(across)))

    places, taps = (range(rows.places), range(columns.places)), (rows.taps, columns.taps)
    x, w, y = waves(pairs, *places).conj(), waves(pairs, *taps), 2 * waves(pairs, *places)  # a pair counts twice
    lone = waves(alone, *places).real
    into = [lone, x.real + x.imag, x.real, x.imag]
    kernel = [waves(alone, *taps).real, w.real, w.imag - w.real, w.real + w.imag]
    out = [part / (height * width) for part in (lone, y.real - y.imag, -y.imag, -y.real)]
    with torch.inference_mode(False):
        found = [torch.from_numpy(np.concatenate(part)).to(dtype) for part in (into, kernel, out)]
    return found[0], found[1], found[2]


def _whole(pictures: Tensor, stride: int) -> Tensor:
    """Zeros after, until the sides are multiples of the stride."""
    height, width = (-size % stride for size in pictures.shape[2:])
    return F.pad(pictures, (0, width, 0, height)) if height or width else pictures


def _biased(pictures: Tensor, bias: Tensor | None) -> Tensor:
    return pictures if bias is None else pictures + bias.view(-1, 1, 1)
