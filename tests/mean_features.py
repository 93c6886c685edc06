"""A feature network for tests: the mean and the spread of each picture."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class MeanFeatures:
    """`calls` lists how many pictures each call got."""

    name: str = "mean"
    size: int = 2
    protocol: dict[str, Any] = field(default_factory=lambda: {"sha256": "0"})
    calls: list[int] = field(default_factory=list)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        self.calls.append(len(pictures))
        rows = pictures.reshape(len(pictures), -1)
        return np.stack([rows.mean(1), rows.std(1)], axis=1).astype(np.float32)
