"""The two small classifiers whose penultimate layer gives the features; trained by tools/train_features.py."""

from __future__ import annotations

from torch import Tensor, nn

SLOPE = 0.2  # of the leaky ReLU between features and class scores


def convolution(inputs: int, outputs: int, *, stride: int = 1, padding: int = 1) -> nn.Sequential:
    """3x3, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    """x + f(x), one convolution deep (K. He et al. 2016 have two; at this size depth is dearer than width)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = convolution(channels, channels)

    def forward(self, inputs: Tensor) -> Tensor:
        changed: Tensor = self.branch(inputs)
        return inputs + changed


class Classifier(nn.Module):
    """Pictures float32 [n, channels, side, side] in [-1, 1] to features [n, size], and those to class scores.

    The features are the batch-normalised sums of the penultimate layer BEFORE its activation. A Fréchet distance fits
    Gaussians: a ReLU would put a large part of each feature's mass on the one value 0, where a sum of many terms has
    a smooth, roughly bell-shaped law. Batch norm without weights gives each feature mean 0 and variance 1 over the
    training data, so all count alike and distances have a scale. The leaky ReLU after them lets the classes depend on
    both signs; without any activation the features would be free to have no more dimensions than there are classes.
    """

    def __init__(self, trunk: nn.Module, width: int, size: int, classes: int) -> None:
        super().__init__()
        self.size = size
        self.trunk = trunk  # to [n, width]
        self.features = nn.Sequential(nn.Linear(width, size, bias=False), nn.BatchNorm1d(size, affine=False))
        self.head = nn.Sequential(nn.LeakyReLU(SLOPE), nn.Linear(size, classes))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(self.trunk(pictures))
        return features, self.head(features)


def grey28() -> Classifier:
    """[n, 1, 28, 28]; 4.9 million multiply-adds a picture, 277,000 parameters."""
    trunk = nn.Sequential(
        convolution(1, 16),
        nn.MaxPool2d(2),  # 14
        convolution(16, 32),
        convolution(32, 32),
        nn.MaxPool2d(2),  # 7
        convolution(32, 64),
        convolution(64, 64, padding=0),  # 5
        nn.Flatten(),
    )
    return Classifier(trunk, 64 * 5 * 5, 128, 20)


def natural32() -> Classifier:
    """[n, 3, 32, 32]; 26 million multiply-adds a picture, 698,000 parameters."""
    trunk = nn.Sequential(
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
    return Classifier(trunk, 192, 192, 10)
