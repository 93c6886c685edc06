"""The small networks of the Unrolled-GAN protocol for stacked MNIST (Metz et al. 2017; PacGAN, Lin et al. 2018).

Every kernel is 3x3. The discriminator is smaller than the generator by design, to provoke mode collapse.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from ganwright.nets.conv import channels_last

CHANNELS = (64, 32, 16, 8)  # of the generator at 4x4, 7x7, 14x14, 28x28
SLOPE = 0.3  # of the discriminator's leaky ReLU


class StackedGenerator(nn.Module):
    """Maps latents [n, latent] to images [n, 3, 28, 28] in [-1, 1]."""

    def __init__(self, latent: int = 256) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.Linear(latent, CHANNELS[0] * 4 * 4),
            nn.Unflatten(1, (CHANNELS[0], 4, 4)),
            nn.BatchNorm2d(CHANNELS[0]),
            nn.ReLU(),
        ]
        for (inputs, outputs), odd in zip(pairwise(CHANNELS), (True, False, False), strict=True):
            # 4 to 7, an odd size, then 14 and 28
            up = nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=0 if odd else 1)
            layers += [up, nn.BatchNorm2d(outputs), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Conv2d(CHANNELS[-1], 3, 3, padding=1), nn.Tanh())
        channels_last(self)

    def forward(self, latent: Tensor) -> Tensor:
        pictures: Tensor = self.layers(latent)
        return pictures


class StackedDiscriminator(nn.Module):
    """Maps images [n, 3, 28, 28] to scores [n].

    `share` is the ratio of its channels to the generator's: 1/2 gives 4, 8 and 16, 1/4 gives 2, 4 and 8. The protocol
    uses batch norm, which penalties do not allow; `batch_norm` enables it.
    """

    def __init__(self, share: float = 0.5, batch_norm: bool = False) -> None:
        super().__init__()
        widths = (3, *(max(round(share * channels), 1) for channels in reversed(CHANNELS[1:])))
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):  # 28 to 14, 7 and 4
            layers.append(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(outputs))
            layers.append(nn.LeakyReLU(SLOPE))
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * 4 * 4, 1), nn.Flatten(0))
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):  # preserves the variance (He et al. 2015) without a norm
                nn.init.kaiming_normal_(layer.weight, a=SLOPE)
        channels_last(self)

    def forward(self, pictures: Tensor) -> Tensor:
        score: Tensor = self.layers(pictures)
        return score
