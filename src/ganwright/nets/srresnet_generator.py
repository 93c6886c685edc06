"""SRResNet as a generator of images from latents, used for anime characters (Jin et al. 2017, figure 4).

A dense layer maps the latent to a coarse feature map; residual blocks with a skip connection around all of them follow;
sub-pixel convolutions (Shi et al. 2016) double the resolution to the full size. The coarse size is the full size halved
three times, rounding up, or fewer times where the smaller side would have less than 4 pixels.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle

from ganwright.nets.conv import Same, Size, channels_last, resolutions

DOUBLINGS = 3  # maximum


class GeneratorBlock(nn.Module):
    """A residual block of two 3x3 convolutions with batch norm (Ledig et al. 2017)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Same(width, width), nn.BatchNorm2d(width), nn.ReLU(), Same(width, width), nn.BatchNorm2d(width)
        )

    def forward(self, pictures: Tensor) -> Tensor:
        out: Tensor = pictures + self.layers(pictures)
        return out


class SubPixel(nn.Module):
    """Doubles the resolution by a convolution to four times the channels and a pixel shuffle; crops to `size`."""

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
    """Maps latents [n, latent] to images [n, channels, height, width] in [-1, 1].

    All layers have `width` channels; there are `blocks` residual blocks; the last convolution has kernels of
    `last_kernel_size`. The paper uses 64, 16 and 9 for 128x128, with a latent dimension of 128 and 34 attributes.
    """

    def __init__(
        self, latent: int, shape: tuple[int, int, int], width: int = 64, blocks: int = 16, last_kernel_size: int = 9
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
        around = ((last_kernel_size - 1) // 2, last_kernel_size // 2) * 2  # zero padding, in pixels
        self.end = nn.Sequential(nn.ZeroPad2d(around), nn.Conv2d(width, shape[0], last_kernel_size), nn.Tanh())
        channels_last(self)

    def forward(self, latent: Tensor) -> Tensor:
        small = self.begin(latent)
        pictures: Tensor = self.end(self.doublings(small + self.blocks(small)))
        return pictures
