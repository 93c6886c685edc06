"""Two small classifiers whose inner layers give features; trained by tools/train_features.py."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

SLOPE = 0.2  # of the leaky ReLU before the class scores


def convolution(inputs: int, outputs: int, *, stride: int = 1, padding: int = 1) -> nn.Sequential:
    """3x3, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    """x + f(x) with one convolution (K. He et al. 2016 have two; at this size depth costs more than width)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = convolution(channels, channels)

    def forward(self, inputs: Tensor) -> Tensor:
        residual: Tensor = self.branch(inputs)
        return inputs + residual


class Classifier(nn.Module):
    """Pictures float32 [n, channels, side, side] in [-1, 1] to features [n, size], and features to class scores [n, k].

    A Fréchet distance fits Gaussians, so features are not taken after a ReLU, which would concentrate much of their
    mass at 0: a sum or a mean of many terms has a smooth, roughly bell-shaped distribution.
    """

    def __init__(self, features: nn.Module, head: nn.Module, size: int) -> None:
        super().__init__()
        self.size = size
        self.features, self.head = features, head

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(pictures)
        return features, self.head(features)


def fuse(network: nn.Module) -> None:
    """Folds each batch norm of a trained network into its convolution: the same function, a third faster."""
    for part in network.modules():
        if not isinstance(part, nn.Sequential) or len(part) < 2:
            continue
        layer, norm = part[0], part[1]
        if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            part[0], part[1] = fuse_conv_bn_eval(layer, norm), nn.Identity()


def grey28() -> Classifier:
    """[n, 1, 28, 28]; 4.9 million multiply-adds per picture, 277,000 parameters.

    The features are the pre-activations of the penultimate layer. Batch norm without weights gives each about mean 0
    and variance 1 over the training pictures, so that all have equal weight. The leaky ReLU lets the classes depend on
    both signs; without an activation the features would need no more dimensions than there are classes.
    """
    features = nn.Sequential(
        convolution(1, 16),
        nn.MaxPool2d(2),  # 14
        convolution(16, 32),
        convolution(32, 32),
        nn.MaxPool2d(2),  # 7
        convolution(32, 64),
        convolution(64, 64, padding=0),  # 5
        nn.Flatten(),
        nn.Linear(64 * 5 * 5, 128, bias=False),
        nn.BatchNorm1d(128, affine=False),
    )
    return Classifier(features, nn.Sequential(nn.LeakyReLU(SLOPE), nn.Linear(128, 20)), 128)


def natural32() -> Classifier:
    """[n, 3, 32, 32]; 26 million multiply-adds per picture, 698,000 parameters.

    The features are the last convolutions' means over 4x4 positions, as Inception's pool3 is such a mean. The hidden
    layer after them has fewer directions of variation (5 against 13, by the participation ratio of the eigenvalues of
    the test pictures' covariance): it discards more of what does not determine the class.
    """
    features = nn.Sequential(
        convolution(3, 32),
        convolution(32, 48, stride=2),  # 16
        Residual(48),
        convolution(48, 96, stride=2),  # 8
        Residual(96),
        convolution(96, 192, stride=2),  # 4
        Residual(192),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    hidden = (nn.Linear(192, 192, bias=False), nn.BatchNorm1d(192, affine=False), nn.LeakyReLU(SLOPE))
    return Classifier(features, nn.Sequential(*hidden, nn.Linear(192, 10)), 192)
