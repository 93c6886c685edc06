"""The residual discriminator without normalisation of Jin et al. 2017, who generate anime characters."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from ganwright.nets.conv import Down, Same, channels_last, resolutions

SLOPE = 0.2  # of leaky ReLU


class PlainResidualBlock(nn.Module):
    """A residual block of two 3x3 convolutions, without normalisation so that penalties are allowed."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(Same(width, width), nn.LeakyReLU(SLOPE), Same(width, width))
        self.active = nn.LeakyReLU(SLOPE)

    def forward(self, pictures: Tensor) -> Tensor:
        out: Tensor = self.active(pictures + self.layers(pictures))
        return out


class AnimeDiscriminator(nn.Module):
    """Maps images [n, channels, height, width] to scores [n].

    The resolution halves until the smaller side has 4 to 7 pixels. The first halving has `width` channels, each later
    one twice as many; `blocks` residual blocks follow each halving but the last. The paper uses 32 and 2 for 128x128.
    """

    def __init__(self, shape: tuple[int, int, int], width: int = 32, blocks: int = 2) -> None:
        super().__init__()
        sizes = resolutions(*shape[1:])
        widths = [shape[0], *(width << level for level in range(len(sizes) - 1))]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [Down(inputs, outputs), nn.LeakyReLU(SLOPE)]
            layers += [PlainResidualBlock(outputs) for _ in range(blocks if outputs != widths[-1] else 0)]
        layers += [nn.Flatten(), nn.Linear(widths[-1] * sizes[0][0] * sizes[0][1], 1), nn.Flatten(0)]
        self.layers = nn.Sequential(*layers)
        channels_last(self)

    def forward(self, pictures: Tensor) -> Tensor:
        score: Tensor = self.layers(pictures)
        return score
