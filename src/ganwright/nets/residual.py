"""Residual networks without normalisation, those of R3GAN (Huang et al. 2024, section 3), for images from 8 pixels up.

Resolutions are those of `nets/conv.py`. Each has residual blocks: a 1x1 convolution to twice the channels, a grouped
3x3 convolution and a 1x1 convolution back. Initial weights are those of Fix-up (Zhang et al. 2019): the last
convolution of a block is zero, so that a block starts as the identity, and the others decrease with the number of
blocks. The discriminator mirrors the generator. Resampling filters with [1, 3, 3, 1].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.nets.conv import Size, channels_last, resolutions

SLOPE = 0.2  # of leaky ReLU
GROUP = 16  # minimum channels of a group, where the number of channels allows it
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # preserves the variance through leaky ReLU (He et al. 2015)


class Scaled(nn.Conv2d):
    """A convolution that keeps the resolution, with initial weights N(0, gain^2 / fan_in) and biases zero."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, groups: int = 1, gain: float = 1.0, bias: bool = False
    ) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=bias)
        nn.init.normal_(self.weight, std=gain / math.sqrt(self.weight[0].numel()))
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class R3GANBlock(nn.Module):
    """x + conv1x1(act(conv3x3(act(conv1x1(x))))), with `expansion` times the channels inside.

    `blocks` is the number of blocks in the network, which scales the initial weights.
    """

    def __init__(self, channels: int, blocks: int, expansion: int = 2) -> None:
        super().__init__()
        inner = expansion * channels
        gain = GAIN * blocks**-0.25
        self.widen = Scaled(channels, inner, gain=gain, bias=True)
        self.mix = Scaled(inner, inner, 3, groups=groups(inner), gain=gain, bias=True)
        self.narrow = Scaled(inner, channels, gain=0.0)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.leaky_relu(self.mix(F.leaky_relu(self.widen(x), SLOPE)), SLOPE)
        out: Tensor = x + self.narrow(inner)
        return out


class Resampled(nn.Module):
    """Doubles or halves the resolution with the filter [1, 3, 3, 1] and zero padding."""

    def __init__(self) -> None:
        super().__init__()
        once = torch.tensor([1.0, 3.0, 3.0, 1.0])
        kernel = once[:, None] * once
        self.register_buffer("kernel", (kernel / kernel.sum())[None, None])
        self.kernel: Tensor

    def halved(self, x: Tensor) -> Tensor:
        """[n, c, h, w] to [n, c, ceil(h / 2), ceil(w / 2)]."""
        height, width = x.shape[2:]
        x = F.pad(x, (0, width % 2, 0, height % 2))
        return F.conv2d(x, self._kernels(x), stride=2, padding=1, groups=x.shape[1])

    def doubled(self, x: Tensor, size: Size) -> Tensor:
        """[n, c, h, w] to [n, c, *size], cropped where twice the resolution has a surplus row or column."""
        x = F.conv_transpose2d(x, 4 * self._kernels(x), stride=2, padding=1, groups=x.shape[1])
        return x[..., : size[0], : size[1]]

    def _kernels(self, x: Tensor) -> Tensor:
        kernels = self.kernel.to(x.dtype).expand(x.shape[1], 1, 4, 4)
        return kernels.contiguous(memory_format=torch.channels_last)


class ResidualUp(Resampled):
    """Changes the number of channels if it differs, then doubles the resolution."""

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__()
        self.size = size
        self.change = Scaled(inputs, outputs) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.doubled(self.change(x), self.size)


class ResidualDown(Resampled):
    """Halves the resolution, then changes the number of channels if it differs."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.change = Scaled(inputs, outputs) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.change(self.halved(x))
        return out


class ResidualGenerator(nn.Module):
    """Maps latents [n, latent], and classes int64 [n] if `classes` > 0, to images [n, channels, height, width].

    `widths` are the channels at each resolution from coarse to fine, with `blocks` blocks at each. The coarsest
    feature map is a learned basis whose channels are scaled by a linear map of the latent. The output is unbounded.
    """

    def __init__(
        self,
        latent: int,
        shape: tuple[int, int, int],
        widths: Sequence[int],
        blocks: int = 2,
        expansion: int = 2,
        classes: int = 0,
    ) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])
        self.classes = embedding(classes, latent)
        self.first = dense(2 * latent if classes else latent, widths[0])
        self.basis = nn.Parameter(torch.randn(widths[0], *sizes[0]))
        total = blocks * len(sizes)
        layers: list[nn.Module] = [R3GANBlock(widths[0], total, expansion) for _ in range(blocks)]
        for (inputs, outputs), size in zip(pairwise(widths), sizes[1:], strict=True):
            layers += [
                ResidualUp(inputs, outputs, size),
                *(R3GANBlock(outputs, total, expansion) for _ in range(blocks)),
            ]
        self.layers = nn.Sequential(*layers, Scaled(widths[-1], shape[0]))
        channels_last(self)

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        if condition is not None:
            latent = torch.cat([latent, self.classes(condition)], 1)
        coarse = self.first(latent)[:, :, None, None] * self.basis
        pictures: Tensor = self.layers(coarse.contiguous(memory_format=torch.channels_last))
        return pictures


class ResidualDiscriminator(nn.Module):
    """Maps images [n, channels, height, width], and classes int64 [n] if `classes` > 0, to scores [n].

    The parameters are those of `ResidualGenerator`, with widths from coarse to fine. With classes the score is the
    inner product of the features with an embedding of the class (Miyato & Koyama 2018), of `embedded` numbers, by
    default as many as the coarsest resolution has channels.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        widths: Sequence[int],
        blocks: int = 2,
        expansion: int = 2,
        classes: int = 0,
        embedded: int | None = None,
    ) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])
        total = blocks * len(sizes)
        layers: list[nn.Module] = [Scaled(shape[0], widths[-1])]
        layers += [R3GANBlock(widths[-1], total, expansion) for _ in range(blocks)]
        for inputs, outputs in pairwise(reversed(widths)):
            layers += [ResidualDown(inputs, outputs), *(R3GANBlock(outputs, total, expansion) for _ in range(blocks))]
        self.layers = nn.Sequential(*layers)
        self.basis = nn.Parameter(torch.randn(widths[0], *sizes[0]) / math.sqrt(math.prod(sizes[0])))
        embedded = embedded or widths[0]
        self.last = dense(widths[0], embedded if classes else 1)
        self.classes = embedding(classes, embedded, gain=1 / math.sqrt(embedded))
        channels_last(self)

    def forward(self, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
        features = self.layers(pictures.contiguous(memory_format=torch.channels_last))
        out: Tensor = self.last((features * self.basis).flatten(2).sum(2))
        return out.flatten() if condition is None else (out * self.classes(condition)).sum(1)


def groups(channels: int) -> int:
    """The largest number of equal groups of at least `GROUP` channels."""
    return next(count for count in range(max(channels // GROUP, 1), 0, -1) if channels % count == 0)


def dense(inputs: int, outputs: int) -> nn.Linear:
    """A dense layer without bias, with initial weights N(0, 1 / inputs)."""
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(layer.weight, std=1 / math.sqrt(inputs))
    return layer


def embedding(classes: int, size: int, gain: float = 1.0) -> nn.Module:
    """A vector for each class, initialised from N(0, gain^2 / classes); the identity if there are no classes.

    In R3GAN's program it is a linear layer of one-hot classes, whose fan-in is their number.
    """
    if not classes:
        return nn.Identity()
    layer = nn.Embedding(classes, size)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(classes))
    return layer
