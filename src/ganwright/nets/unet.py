"""The U-Net of pix2pix (Isola et al. 2017; Ronneberger et al. 2015), for any size and depth.

The encoder halves the resolution `depth` times. The decoder doubles it, with skip connections from the encoder at each
resolution. Upsampling is by the nearest pixel and a convolution; the paper's transposed convolutions leave checkerboard
artefacts. The noise is dropout in the decoder, which pix2pix keeps at test time. Its masks are the network's latent
(`nets.dropout.Masks`), so that a sample is a function of its condition and its latent.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from ganwright.nets.conv import Down, NearestUp, Size, channels_last
from ganwright.nets.dropout import Masks
from ganwright.nets.initial import normal_kernels

DROPOUT_BLOCKS = 3  # decoder blocks with dropout, after the first (appendix of Isola et al.)
MAX_WIDTH = 8  # maximum of channels over `width`


def halvings(height: int, width: int, depth: int | None) -> list[Size]:
    """Sizes (height, width) from fine to coarse, each half of the previous one, rounded up; by default to one pixel."""
    sizes = [(height, width)]
    while min(sizes[-1]) > 1 and (depth is None or len(sizes) <= depth):
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


class UNet(nn.Module):
    """Maps masks [n, mask size] and conditions [n, inputs, height, width] to images [n, outputs, height, width].

    Images are in [-1, 1]; `shape` is that of the condition. Instance norm uses the statistics of each image, in
    training and evaluation, as the published network does: its batches hold one image, and its batch norm stays in
    training mode.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        outputs: int,
        width: int = 64,
        depth: int | None = None,
        dropout: float = 0.5,
        slope: float = 0.2,
    ) -> None:
        super().__init__()
        sizes = halvings(*shape[1:], depth)
        self.arguments = shape[0], outputs, width, len(sizes) - 1, dropout, slope
        widths = [min(width << level, MAX_WIDTH * width) for level in range(len(sizes) - 1)]
        levels = range(len(widths))
        self.downs = nn.ModuleList(
            nn.Sequential(
                *([nn.LeakyReLU(slope)] if level else []),
                Down(inputs, inner),
                *([instance_norm(inner)] if 0 < level < levels[-1] else []),
            )
            for level, (inputs, inner) in enumerate(pairwise((shape[0], *widths)))
        )
        self.ups = nn.ModuleList(
            nn.Sequential(
                nn.ReLU(),
                NearestUp(
                    widths[level] * (1 if level == levels[-1] else 2), widths[level - 1] if level else outputs, size
                ),
                instance_norm(widths[level - 1]) if level else nn.Tanh(),
            )
            for level, size in reversed(list(zip(levels, sizes, strict=False)))
        )
        shapes = [(widths[level - 1], *sizes[level]) for level in reversed(levels[1:-1])][:DROPOUT_BLOCKS]
        self.latent = Masks(tuple(shapes) if dropout else (), dropout)
        normal_kernels(self)
        channels_last(self)

    def for_size(self, height: int, width: int) -> UNet:
        """The same network, with the same weights, for conditions of another size, at least that of this one."""
        inputs, outputs, channels, depth, dropout, slope = self.arguments
        with torch.device("meta"):
            other = UNet((inputs, height, width), outputs, channels, depth, dropout, slope)
        other.load_state_dict(self.state_dict(), assign=True)
        return other

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        skips = [condition]
        for down in self.downs:
            skips.append(down(skips[-1]))
        pictures, masks = skips.pop(), self.latent.split(latent)
        for block, up in enumerate(self.ups):
            pictures = up(pictures if block == 0 else torch.cat([pictures, skips.pop()], 1))
            if 0 < block <= len(masks):
                pictures = pictures * masks[block - 1]
        return pictures


class Inpainting(nn.Module):
    """A generator of missing pixels: replaces them by the output of `inner` and copies the known pixels exactly.

    Conditions are images with one more channel, 1 at missing pixels and 0 elsewhere.
    """

    def __init__(self, inner: UNet) -> None:
        super().__init__()
        self.inner = inner

    @property
    def latent(self) -> Masks:
        latent: Masks = self.inner.latent
        return latent

    def for_size(self, height: int, width: int) -> Inpainting:
        """The same network for conditions of another size."""
        return Inpainting(self.inner.for_size(height, width))

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        return torch.where(condition[:, -1:] > 0.5, self.inner(latent, condition), condition[:, :-1])


def instance_norm(channels: int) -> nn.Module:
    """Normalises each channel of each image (Ulyanov et al. 2016), with a learned scale and shift."""
    return nn.GroupNorm(channels, channels)
