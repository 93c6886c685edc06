"""Trains content32, the network of the content loss, and writes its weights and description into the package.

    python tools/train_content.py [--epochs N] [--folder FOLDER]

As tools/train_features.py on CIFAR-10's labels, but another network, without strided convolutions, that no metric uses.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from train_features import Plan, train

from ganwright.auxiliary_losses._content_networks import HERE, WIDTHS, Content32
from ganwright.core import packaged_weights
from ganwright.data import cifar10
from ganwright.features._classified import in_range

EPOCHS = 6


class Classifier(nn.Module):
    """The convolutions with batch norm, and a head: pictures to the last feature map and class scores.

    The second norm of a stage has no weights, so that the maps compared by the content loss are normalised.
    """

    def __init__(self) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        for inputs, width in pairwise((3, *WIDTHS)):
            first = nn.Sequential(nn.Conv2d(inputs, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
            second = nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width, affine=False)
            )
            stages += [first, second, nn.Sequential(nn.ReLU(), nn.AvgPool2d(2))]
        self.features = nn.Sequential(*stages)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[-1], 10))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(pictures)
        return features, self.head(features)


PLAN = Plan(
    (cifar10.load,),
    Classifier,  # type: ignore[arg-type]
    epochs=EPOCHS,
    shift=4,
    flip=True,
    lr=0.2,
    licence="Apache-2.0; trained on CIFAR-10 (its authors state no licence), of which no picture is contained",
)


def without_norms(trained: Classifier) -> Content32:
    """The trained convolutions with their norms folded in."""
    network = Content32()
    parts = [part for part in trained.eval().features if isinstance(part[0], nn.Conv2d)]
    for convolution, part in zip(network.convolutions, parts, strict=True):
        convolution.load_state_dict(fuse_conv_bn_eval(part[0], part[1]).state_dict())
    return network


@torch.no_grad()
def accuracy(network: Classifier) -> float:
    """The top-1 accuracy on the test part."""
    data, correct = cifar10.load("test"), 0
    for start in range(0, len(data), 500):
        pictures = in_range(torch.from_numpy(data.samples[start : start + 500])).permute(0, 3, 1, 2)
        correct += int((network(pictures)[1].argmax(1).numpy() == data.labels[start : start + 500]).sum())
    return correct / len(data)


def described(epochs: int, minutes: float, network: Classifier) -> dict[str, Any]:
    return {
        "name": "content32",
        "training_data": ["cifar10"],
        "training": f"tools/train_content.py --epochs {epochs}: {minutes:.1f} minutes of one core's time",
        "licence": PLAN.licence,
        "test_accuracy": {"cifar10": accuracy(network)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--folder", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    start = time.process_time()
    trained: Any = train(PLAN, options.epochs)
    network = without_norms(trained)
    description = described(options.epochs, (time.process_time() - start) / 60, trained)
    packaged_weights.write("content32", network, description, options.folder)
    print(json.dumps(description, indent=2))


if __name__ == "__main__":
    main()
