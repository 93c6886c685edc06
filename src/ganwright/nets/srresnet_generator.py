"""SRResNet as a generator of pictures from latents, as used for anime characters (Jin et al. 2017, figure 4).

A latent becomes a small picture of many channels, residual blocks work on it with a long connection around them all,
and sub-pixel convolutions (Shi et al. 2016) double it until it is large enough. The small picture is the full size
halved three times, rounding up, or as often as its smaller side keeps 4 pixels.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle

from ganwright.nets.conv import Same, Size, channels_last, resolutions

DOUBLINGS = 3


class GeneratorBlock(nn.Module):
    """Two 3x3 convolutions beside a connection that passes them by (Ledig et al. 2017)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Same(width, width), nn.BatchNorm2d(width), nn.ReLU(), Same(width, width), nn.BatchNorm2d(width)
        )

    def forward(self, pictures: Tensor) -> Tensor:
        out: Tensor = pictures + self.layers(pictures)
        return out


class SubPixel(nn.Module):
    """A convolution to four times the channels, which become twice the rows and columns, cut to `size`."""

    def __init__(self, width: int, size: Size) -> None:
        super().__init__()
        self.size = size
        self.convolution = Same(width, 4 * width)
        self.active = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU())

    def forward(self, pictures: Tensor) -> Tensor:
        doubled = pixel_shuffle(self.convolution(pictures), 2)
        out: Tensor = self.active(doubled[..., : self.size[0], : self.size[1]])
        return out


class SrresnetGenerator(nn.Module):
    """Latents [n, latent] to pictures [n, channels, height, width] in [-1, 1].

    `width` channels throughout, `blocks` residual blocks, a last convolution of `last` x `last` pixels. The paper has
    64, 16 and 9 for pictures of 128x128, from latents of 128 numbers (and 34 attributes).
    """

    def __init__(
        self, latent: int, shape: tuple[int, int, int], width: int = 64, blocks: int = 16, last: int = 9
    ) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])[-1 - DOUBLINGS :]
        self.begin = nn.Sequential(
            nn.Linear(latent, width * sizes[0][0] * sizes[0][1]),
            nn.Unflatten(1, (width, *sizes[0])),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(GeneratorBlock(width) for _ in range(blocks)), nn.BatchNorm2d(width), nn.ReLU())
        self.doublings = nn.Sequential(*(SubPixel(width, size) for size in sizes[1:]))
        around = ((last - 1) // 2, last // 2) * 2  # pixels, of zeros
        self.end = nn.Sequential(nn.ZeroPad2d(around), nn.Conv2d(width, shape[0], last), nn.Tanh())
        channels_last(self)

    def forward(self, latent: Tensor) -> Tensor:
        small = self.begin(latent)
        pictures: Tensor = self.end(self.doublings(small + self.blocks(small)))
        return pictures
