"""A data set as the trainer sees it: samples as stored, their domain, and their labels where they have any."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganwright.core.domain import Domain


@dataclass(frozen=True)
class Data:
    """What a loader returns.

    `samples` is an array, or a memory map, of [N, *stored shape] in the domain's stored form (pictures uint8
    [N, H, W, C], points float32 [N, D]); `labels` is int64 [N] with values below `len(classes)`; `notes` are
    sentences about what was found, for `ganwright data`.

    `conditions` are samples of another domain, stored as theirs are: where `paired`, row i belongs to sample i;
    otherwise they are a set of their own, of any length.
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
        """How many samples each class has; none where there are no labels."""
        if self.labels is None or not self.classes:
            return []
        counts: list[int] = np.bincount(self.labels, minlength=len(self.classes)).tolist()
        return counts
