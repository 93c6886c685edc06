"""Strided convolutions and their transposes, computed directly or, in training where it is much cheaper, by FFT.

Along each axis a convolution is y[m] = sum_t w[t] x[stride m + t - before], for ceil(size / stride) positions m; its
transpose adds w[t] x[m] to y[stride m + t - before]. The stride x stride phases of an image are the channels of a
coarser image, on which the convolution has stride 1. A discrete Fourier transform of the phases, a matrix product for
each frequency and the inverse transform give the same result up to rounding. At a network's coarse end, with few
positions and many channels, this takes a sixth of the multiplications. The transforms are products with small
matrices, so all derivatives are torch's own. (Mathieu, Henaff and LeCun 2014 use large transforms in training.)

Whether that is cheaper depends on the number of images, and so would a sample's last bits. Outside of training, where a
sample should not depend on the others and networks are exported for any number of them, convolutions are direct.
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

GAIN = 1.75  # minimum ratio of multiplications: each takes longer in products of small matrices


def conv2d(pictures: Tensor, weight: Tensor, bias: Tensor | None, stride: int, before: Pair, training: bool) -> Tensor:
    """[n, inputs, h, w] and a kernel [outputs, inputs, k, k] to [n, outputs, ceil(h / stride), ceil(w / stride)].

    `before` is the zero padding above and to the left; below and to the right it is as large as needed. An FFT is
    chosen only in `training`.
    """
    phases = Phases.of(weight, stride, before, (-(-pictures.shape[2] // stride), -(-pictures.shape[3] // stride)))
    if training and phases.fft_convolution(pictures, weight):
        return _biased(phases.conv2d(_padded(pictures, stride), weight), bias)
    up, down = phases.rows.zeros(pictures.shape[2])
    left, right = phases.columns.zeros(pictures.shape[3])
    if up == down and left == right:
        return F.conv2d(pictures, weight, bias, stride, before)
    return F.conv2d(F.pad(pictures, (left, right, up, down)), weight, bias, stride)


def conv_transpose2d(
    pictures: Tensor, weight: Tensor, bias: Tensor | None, stride: int, before: Pair, training: bool
) -> Tensor:
    """[n, inputs, h, w] and a kernel [inputs, outputs, k, k] to [n, outputs, h stride, w stride]."""
    height, width = pictures.shape[2:]
    phases = Phases.of(weight, stride, before, (height, width))
    if training and phases.fft_convolution(pictures, weight):
        return _biased(phases.conv_transpose2d(pictures, weight), bias)
    whole = F.conv_transpose2d(pictures, weight, bias, stride, before)
    return whole[..., : height * stride, : width * stride]


class Axis(NamedTuple):
    """One axis of the phases: its number of positions, and the kernel's extent over them, from `first` to `last`."""

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
        """The size of a circular convolution that does not wrap around into the image."""
        return self.places + max(self.last, -self.first, 0)

    def padding(self) -> Pair:
        """Zeros before and after the kernel that extend it to `taps` times `stride`."""
        front = -(self.stride * self.first + self.before)
        return front, len(self.taps) * self.stride - self.kernel - front

    def zeros(self, size: int) -> Pair:
        """Zeros before and after an image of `size` rows or columns."""
        return self.before, max((self.places - 1) * self.stride + self.kernel - self.before - size, 0)


class Phases(NamedTuple):
    """A strided convolution as a convolution of stride 1 on phases."""

    stride: int
    rows: Axis
    columns: Axis

    @classmethod
    def of(cls, weight: Tensor, stride: int, before: Pair, places: Pair) -> Phases:
        axes = (Axis(places[i], weight.shape[2 + i], stride, before[i]) for i in (0, 1))
        return cls(stride, *axes)

    def taps(self, weight: Tensor) -> Tensor:
        """The kernel split into phases, [.., .., tap, phase, tap, phase], padded with zeros."""
        padded = F.pad(weight, (*self.columns.padding(), *self.rows.padding()))
        taps = len(self.rows.taps), self.stride, len(self.columns.taps), self.stride
        return padded.reshape(*padded.shape[:2], *taps)

    def fft_convolution(self, pictures: Tensor, weight: Tensor) -> bool:
        """Whether an FFT convolution saves enough multiplications; depends on shapes only, and needs a CPU."""
        if pictures.device.type != "cpu" or pictures.dtype != weight.dtype or torch.is_autocast_enabled("cpu"):
            return False
        n, places = len(pictures), self.rows.places * self.columns.places
        coarse, phases = weight.shape[0], weight.shape[1] * self.stride**2
        kernels = coarse * phases * len(self.rows.taps) * len(self.columns.taps)
        each = places * coarse + places * phases + coarse * phases
        return n * places * weight.numel() > GAIN * rank(self.rows.around, self.columns.around) * (n * each + kernels)

    def conv2d(self, pictures: Tensor, weight: Tensor) -> Tensor:
        """The FFT convolution of images whose sides are multiples of the stride."""
        into, kernel, out = matrices(self.rows, self.columns, weight.dtype)
        height, width = self.rows.places, self.columns.places
        phases = pictures.permute(0, 2, 3, 1).reshape(len(pictures), height, self.stride, width, self.stride, -1)
        phases = phases.transpose(2, 3).flatten(3).flatten(1, 2)  # [n, position, phase and input]
        taps = self.taps(weight).permute(2, 4, 3, 5, 1, 0).flatten(2).flatten(0, 1)  # [tap, phase and input and output]
        kernels = (kernel @ taps).view(len(kernel), -1, weight.shape[0])
        coarse = _products(into, phases, kernels, out)  # [n, position, output]
        return coarse.view(len(pictures), height, width, -1).permute(0, 3, 1, 2)

    def conv_transpose2d(self, pictures: Tensor, weight: Tensor) -> Tensor:
        """The transpose of `conv2d`: the matrices of input and output change roles."""
        into, kernel, out = matrices(self.rows, self.columns, weight.dtype)
        height, width = self.rows.places, self.columns.places
        coarse = pictures.permute(0, 2, 3, 1).flatten(1, 2)  # [n, position, input]
        taps = self.taps(weight).permute(2, 4, 0, 3, 5, 1).flatten(2).flatten(0, 1)  # [tap, input and phase and output]
        kernels = (kernel @ taps).view(len(kernel), weight.shape[0], -1)
        phases = _products(out, coarse, kernels, into)  # [n, position, phase and output]
        phases = phases.view(len(pictures), height, width, self.stride, self.stride, -1).transpose(2, 3)
        return phases.reshape(len(pictures), height * self.stride, width * self.stride, -1).permute(0, 3, 1, 2)


def _products(into: Tensor, samples: Tensor, kernels: Tensor, out: Tensor) -> Tensor:
    """[n, position, inputs] and kernels [rank, inputs, outputs] to [n, position, outputs]."""
    frequencies = torch.bmm(torch.matmul(into, samples).transpose(0, 1), kernels)  # [rank, n, outputs]
    return torch.matmul(out.t(), frequencies.transpose(0, 1))


def rank(height: int, width: int) -> int:
    """The number of multiplications of a circular convolution of two real images of this size.

    One for each self-conjugate frequency, three for each pair of conjugate ones (Gauss).
    """
    real = (2 - height % 2) * (2 - width % 2)
    return real + 3 * (height * width - real) // 2


@lru_cache(maxsize=64)
def matrices(rows: Axis, columns: Axis, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """A [rank, positions], B [rank, taps], C [rank, positions] with sum_t w[t] x[m + t] = (C' (A x * B w))[m].

    Let a + ib and c + id be the transforms of x and w at one frequency of a conjugate pair. The parts ac - bd and
    ad + bc of their product are sums of the three products (a + b) c, a (d - c) and b (c + d).
    """
    height, width = rows.around, columns.around
    frequencies = list(product(range(height), range(width)))
    opposite = {(u, v): (-u % height, -v % width) for u, v in frequencies}
    real = [one for one in frequencies if opposite[one] == one]
    pairs = [one for one in frequencies if one < opposite[one]]

    def exponentials(chosen: list[Pair], down: range, across: range) -> np.ndarray:
        """exp(2 pi i (u m / height + v k / width)), complex [frequency, position]."""
        phases = [[u * m / height + v * k / width for m in down for k in across] for u, v in chosen]
        return np.exp(2j * np.pi * np.array(phases).reshape(len(chosen), len(down) * len(across)))

    places, taps = (range(rows.places), range(columns.places)), (rows.taps, columns.taps)
    x, w = exponentials(pairs, *places).conj(), exponentials(pairs, *taps)
    y = 2 * exponentials(pairs, *places)  # a pair counts twice
    self_conjugate = exponentials(real, *places).real
    into = [self_conjugate, x.real + x.imag, x.real, x.imag]
    kernel = [exponentials(real, *taps).real, w.real, w.imag - w.real, w.real + w.imag]
    out = [part / (height * width) for part in (self_conjugate, y.real - y.imag, -y.imag, -y.real)]
    with torch.inference_mode(False):
        tensors = [torch.from_numpy(np.concatenate(part)).to(dtype) for part in (into, kernel, out)]
    return tensors[0], tensors[1], tensors[2]


def _padded(pictures: Tensor, stride: int) -> Tensor:
    """Pads with zeros below and to the right, to multiples of the stride."""
    height, width = (-size % stride for size in pictures.shape[2:])
    return F.pad(pictures, (0, width, 0, height)) if height or width else pictures


def _biased(pictures: Tensor, bias: Tensor | None) -> Tensor:
    return pictures if bias is None else pictures + bias.view(-1, 1, 1)
