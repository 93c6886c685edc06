"""A data set: stored samples, their domain, and optional labels and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganwright.core.domain import Domain


@dataclass(frozen=True)
class Data:
    """The return value of a loader.

    `samples` is an array or memory map [N, *stored shape] in the domain's stored form (pictures uint8 [N, H, W, C],
    points float32 [N, D]); `labels` is int64 [N] with values below `len(classes)`; `notes` are sentences about the
    data for `ganwright data`.

    `conditions` are stored samples of `condition_domain`. If `paired`, row i belongs to sample i; otherwise they are
    an independent set of any length.
    """

    name: str
    domain: Domain
    samples: np.ndarray[Any, Any]
    labels: np.ndarray[Any, Any] | None = None
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    conditions: np.ndarray[Any, Any] | None = None
    condition_domain: Domain | None = None
    paired: bool = True

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def class_counts(self) -> list[int]:
        """The number of samples per class; empty without labels."""
        if self.labels is None or not self.classes:
            return []
        counts: list[int] = np.bincount(self.labels, minlength=len(self.classes)).tolist()
        return counts
