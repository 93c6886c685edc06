"""CycleGAN's residual generator from images to images (Zhu et al. 2017, after Johnson et al. 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganwright.nets.conv import Down, NearestUp, channels_last
from ganwright.nets.initial import normal_kernels
from ganwright.nets.unet import halvings, instance_norm


class Translator(nn.Module):
    """Maps conditions [n, inputs, height, width] to images [n, outputs, height, width] in [-1, 1], without a latent.

    A 7x7 convolution, `depth` halvings, `blocks` residual blocks at the coarsest resolution, `depth` doublings and a
    7x7 convolution, with instance norm and reflection padding. Doublings are by the nearest pixel; the paper's
    transposed convolutions leave checkerboard artefacts. `width` is the number of channels at the finest resolution.
    """

    def __init__(
        self, shape: tuple[int, int, int], outputs: int, width: int = 64, depth: int = 2, blocks: int = 9
    ) -> None:
        super().__init__()
        sizes = halvings(*shape[1:], depth)
        self.arguments = shape[0], outputs, width, len(sizes) - 1, blocks
        widths = [width << level for level in range(len(sizes))]
        layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(shape[0], width, 7), *_active(width)]
        for inputs in widths[:-1]:
            layers += [Down(inputs, 2 * inputs), *_active(2 * inputs)]
        layers += [TranslatorBlock(widths[-1]) for _ in range(blocks)]
        for inner, size in reversed(list(zip(widths[:-1], sizes, strict=False))):
            layers += [NearestUp(2 * inner, inner, size), *_active(inner)]
        self.layers = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, outputs, 7), nn.Tanh())
        normal_kernels(self)
        channels_last(self)

    def for_size(self, height: int, width: int) -> Translator:
        """The same network, with the same weights, for conditions of another size, at least that of this one."""
        inputs, *others = self.arguments
        with torch.device("meta"):
            other = Translator((inputs, height, width), *others)
        other.load_state_dict(self.state_dict(), assign=True)
        return other

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        pictures: Tensor = self.layers(condition)
        return pictures


class TranslatorBlock(nn.Module):
    """A residual block of two 3x3 convolutions with instance norm (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), *_active(channels)),
            *(nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), instance_norm(channels)),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        changed: Tensor = self.layers(pictures)
        return pictures + changed


def _active(channels: int) -> list[nn.Module]:
    return [instance_norm(channels), nn.ReLU()]
