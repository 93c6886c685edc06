"""Networks whose inner feature maps measure content: a small one of this package, and VGG19 with the user's weights.

Neither is used for metrics: a network rates a generator trained on its own features too high.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from ganwright.core import packaged_weights
from ganwright.core.errors import UserError
from ganwright.core.tensor_files import load_file

HERE = Path(__file__).parent
WIDTHS = (24, 48, 96)  # channels of the stages, each at half the resolution of the one before
# Layers of VGG19 (Simonyan & Zisserman 2015, column E): channels of its convolutions, 0 for pooling. The layers after
# the last convolution are not used.
VGG19 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512)
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of R, G, B in 0..1


class Content32(nn.Module):
    """Pictures float [n, 1 or 3, height, width] in [-1, 1] to the feature maps of three stages, before activation.

    Each stage has two 3x3 convolutions, with 2x2 average pooling between stages; 161,000 parameters. Trained on
    CIFAR-10's labels (tools/train_content.py) with batch norm, since folded into the convolutions: each channel of the
    maps has about mean 0 and variance 1 on CIFAR-10, so that all have equal weight.
    """

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, padding=1)
            for first, width in pairwise((3, *WIDTHS))
            for inputs, outputs in ((first, width), (width, width))
        )

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps: list[Tensor] = []
        x = pictures.expand(-1, 3, -1, -1)
        for first, second in zip(self.convolutions[::2], self.convolutions[1::2], strict=True):
            x = F.avg_pool2d(F.relu(x), 2) if maps else x
            x = second(F.relu(first(x)))
            maps.append(x)
        return maps


class Vgg19(nn.Module):
    """Pictures as for `Content32` to VGG19's last convolution before activation, conv5_4 (Wang et al. 2018, ESRGAN)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for outputs in VGG19:
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()] if outputs else [nn.MaxPool2d(2)]
            inputs = outputs or inputs
        self.features = nn.Sequential(*layers[:-1])

    def forward(self, pictures: Tensor) -> list[Tensor]:
        scaled = (pictures.expand(-1, 3, -1, -1) + 1) / 2
        mean, deviation = (scaled.new_tensor(value).view(3, 1, 1) for value in (IMAGENET_MEAN, IMAGENET_DEVIATION))
        return [self.features((scaled - mean) / deviation)]


def content32() -> nn.Module:
    """`Content32` with the packaged weights; raises UserError if they are damaged."""
    network = Content32()
    weights, _ = packaged_weights.read("content32", HERE)
    packaged_weights.into(network, weights)
    return network


def vgg19(path: Path) -> nn.Module:
    """`Vgg19` with the weights in a .safetensors or .pth file, under torchvision's names ("features.0.weight").

    Raises UserError if the file is missing or holds anything else.
    """
    weights, network = _state(path), Vgg19()
    state = network.state_dict()
    wrong = [name for name, value in state.items() if name not in weights or weights[name].shape != value.shape]
    if wrong:
        raise UserError(f"{path} does not hold VGG19's weights: {wrong[0]} is missing or has another shape.")
    packaged_weights.into(network, {name: weights[name].float() for name in state})
    return network


def _state(path: Path) -> Mapping[str, Tensor]:
    """The tensors of a file by name; a .pth that holds code raises UserError."""
    if not path.is_file():
        raise UserError(f"The weights of VGG19 cannot be read from {path}: there is no such file.")
    try:
        state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        first = str(error).split("\n")[0].rstrip(".")
        raise UserError(f"The weights of VGG19 cannot be read from {path}: {first}.") from None
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise UserError(f"{path} holds no tensors by name: save VGG19's state dict.")
    return state
