"""Features from one of our classifiers, and its class scores: pictures in, numbers out."""

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
CHUNK = 128  # pictures; larger ones were not faster on a CPU


def in_range(pictures: Tensor) -> Tensor:
    """0..255 to the [-1, 1] that the networks are trained on."""
    return pictures.float() / 127.5 - 1


class Classified:
    """Features (core/features.py) of a trained classifier; computed on the CPU in float32, in evaluation mode."""

    def __init__(self, network: Classifier, described: dict[str, Any]) -> None:
        self.name: str = described["name"]
        self.class_names: tuple[str, ...] = tuple(described["classes"])
        self.protocol: dict[str, Any] = described | {"resize": FILTER}
        self.size: int = network.size
        self._side, _, self._channels = described["input"]
        # oneDNN is faster in this order of the memory
        self._network = network

    @classmethod
    def load(cls, name: str, network: Callable[[], Classifier], folder: Path = HERE) -> Classified:
        """With the weights that lie in the package; a UserError when they are damaged."""
        weights, described = packaged_weights.read(name, folder)
        built = network()
        packaged_weights.into(built, weights)
        fuse(built)
        return cls(built, described)

    def __call__(self, pictures: Array) -> Array:
        """uint8 [n, height, width, 1 or 3] to features, float32 [n, size]; a UserError for anything else."""
        return self._both(pictures)[0]

    def scores(self, pictures: Array) -> Array:
        """uint8 [n, height, width, 1 or 3] to the classes' scores before any softmax, float32 [n, classes]."""
        return self._both(pictures)[1]

    def classes(self, pictures: Array) -> Array:
        """The class with the highest score, int64 [n]; `class_names` names it."""
        found: Array = self.scores(pictures).argmax(1)
        return found

    def _both(self, pictures: Array) -> tuple[Array, Array]:
        check(pictures)
        parts = [self._chunk(chunk) for chunk in chunks(pictures, CHUNK)]
        features: Array = np.concatenate([part[0] for part in parts])
        scores: Array = np.concatenate([part[1] for part in parts])
        return features[: len(pictures)], scores[: len(pictures)]

    @torch.no_grad()
    def _chunk(self, pictures: Array) -> tuple[Array, Array]:
        inputs = in_range(fitted(pictures, self._channels, self._side))
        features, scores = self._network(inputs.contiguous(memory_format=torch.channels_last))
        return features.numpy(), scores.numpy()
