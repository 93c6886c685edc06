"""The U-Net of pix2pix (Isola et al. 2017; Ronneberger et al. 2015): a picture to a picture, for any size and depth.

The way down halves the resolution `depth` times; the way up doubles it, and each of its blocks also sees what the way
down saw at its resolution. It enlarges by the nearest pixel and convolves, where the paper has transposed convolutions:
those leave a mesh. The noise is dropout on the way up, which pix2pix keeps at test; its masks are the network's latent
here (`nets.dropout.Masks`), so that a sample is a function of its condition and its latent.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from ganwright.nets.conv import Down, Enlarging, Size, channels_last
from ganwright.nets.dropout import Masks
from ganwright.nets.initial import normal_kernels

DROPPED = 3  # blocks of the way up, after its first, have dropout (the appendix of Isola et al.)
WIDEST = 8  # times `width`: the most channels


def halvings(height: int, width: int, depth: int | None) -> list[Size]:
    """The sizes from the picture's on, each half of the one before, rounded up; without `depth` down to one pixel."""
    sizes = [(height, width)]
    while min(sizes[-1]) > 1 and (depth is None or len(sizes) <= depth):
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


class UNet(nn.Module):
    """Masks [n, numbers] and conditions [n, inputs, height, width] to pictures [n, outputs, height, width] in [-1, 1].

    `shape` is that of the condition. Instance norm takes the statistics of each picture by itself, in training and
    later: what the published network does with its batches of one, whose batch norm stays in training mode.
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
        widths = [min(width << level, WIDEST * width) for level in range(len(sizes) - 1)]
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
                Enlarging(
                    widths[level] * (1 if level == levels[-1] else 2), widths[level - 1] if level else outputs, size
                ),
                instance_norm(widths[level - 1]) if level else nn.Tanh(),
            )
            for level, size in reversed(list(zip(levels, sizes, strict=False)))
        )
        dropped = [(widths[level - 1], *sizes[level]) for level in reversed(levels[1:-1])][:DROPPED]
        self.latent = Masks(tuple(dropped) if dropout else (), dropout)
        normal_kernels(self)
        channels_last(self)

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        seen = [condition]
        for down in self.downs:
            seen.append(down(seen[-1]))
        pictures, masks = seen.pop(), self.latent.split(latent)
        for place, up in enumerate(self.ups):
            pictures = up(pictures if place == 0 else torch.cat([pictures, seen.pop()], 1))
            if 0 < place <= len(masks):
                pictures = pictures * masks[place - 1]
        return pictures


class Completing(nn.Module):
    """A generator of what is missing: masks and conditions as its `inner` one takes them to pictures.

    Conditions are pictures with one more channel, 1 where something is missing and 0 where not; what is known is kept
    as it is, to the last bit.
    """

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        return torch.where(condition[:, -1:] > 0.5, self.inner(latent, condition), condition[:, :-1])


def instance_norm(channels: int) -> nn.Module:
    """Each channel of each picture by itself (Ulyanov et al. 2016), with a scale and a shift."""
    return nn.GroupNorm(channels, channels)
