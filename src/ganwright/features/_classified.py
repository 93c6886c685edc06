"""Features and class scores of a trained classifier from this package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganwright.core import packaged_weights
from ganwright.core.metric import Array
from ganwright.features._networks import Classifier, fuse
from ganwright.features._pictures import FILTER, check, chunks, fitted

HERE = Path(__file__).parent
CHUNK = 128  # pictures; larger chunks were not faster on a CPU


def in_range(pictures: Tensor) -> Tensor:
    """Scales 0..255 to the [-1, 1] that the networks are trained on."""
    return pictures.float() / 127.5 - 1


class Classified:
    """Features (core/features.py) of a trained classifier, computed on the CPU in float32 in evaluation mode."""

    def __init__(self, network: Classifier, described: dict[str, Any]) -> None:
        self.name: str = described["name"]
        self.class_names: tuple[str, ...] = tuple(described["classes"])
        self.protocol: dict[str, Any] = described | {"resize": FILTER}
        self.size: int = network.size
        self.side, _, self.channels = described["input"]
        self.network = network

    @classmethod
    def load(cls, name: str, network: Callable[[], Classifier], folder: Path = HERE) -> Classified:
        """Loads the packaged weights; raises UserError if they are damaged."""
        weights, described = packaged_weights.read(name, folder)
        built = network()
        packaged_weights.into(built, weights)
        fuse(built)
        return cls(built, described)

    def __call__(self, pictures: Array) -> Array:
        """uint8 [n, height, width, 1 or 3] to features float32 [n, size]; raises UserError for other arrays."""
        return self._both(pictures)[0]

    def scores(self, pictures: Array) -> Array:
        """uint8 [n, height, width, 1 or 3] to class scores (logits) float32 [n, classes]."""
        return self._both(pictures)[1]

    def classes(self, pictures: Array) -> Array:
        """The class of the highest score, int64 [n]; `class_names` holds the names."""
        predicted: Array = self.scores(pictures).argmax(1)
        return predicted

    def _both(self, pictures: Array) -> tuple[Array, Array]:
        check(pictures)
        parts = [self._chunk(chunk) for chunk in chunks(pictures, CHUNK)]
        features: Array = np.concatenate([part[0] for part in parts])
        scores: Array = np.concatenate([part[1] for part in parts])
        return features[: len(pictures)], scores[: len(pictures)]

    @torch.no_grad()
    def _chunk(self, pictures: Array) -> tuple[Array, Array]:
        inputs = in_range(fitted(pictures, self.channels, self.side))
        # oneDNN is faster with channels last
        features, scores = self.network(inputs.contiguous(memory_format=torch.channels_last))
        return features.numpy(), scores.numpy()
