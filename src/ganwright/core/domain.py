"""A domain: the shape of samples, and how they are encoded, rendered and saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image
from torch import Tensor

Stored = np.ndarray[Any, Any]
Field = Callable[[Stored], Stored]
Writer = Callable[[Stored, Stored | None, Path], None]


class Domain(Protocol):
    """Converts between three forms of a sample: *stored* (on disk), *encoded* (for the networks), and rendered."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded sample."""

    def encode(self, stored: Tensor) -> Tensor:
        """[n, *stored shape] to float [n, *shape]."""

    def decode(self, encoded: Tensor) -> Stored:
        """[n, *shape] to [n, *stored shape]."""

    def to_array(self, stored: Stored) -> Stored:
        """The array that is written to .npy: the stored form, without a single channel."""

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        """One picture of fakes and real samples.

        `field` maps stored samples to values that are plotted as colours. `columns` is the width of a grid of fakes.
        """

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        """One picture of stored samples, for inspecting a data set."""

    def describe(self) -> str:
        """A phrase for messages."""

    @property
    def default_recipe(self) -> str:
        """The recipe that is used by default."""

    @property
    def grid_size(self) -> int:
        """The default number of samples in a sample grid."""

    @property
    def views(self) -> tuple[str, ...]:
        """The views (core/metric.py) in which metrics can compare samples."""

    @property
    def writers(self) -> Mapping[str, Writer]:
        """Additional output formats, by file suffix ("" is a folder)."""
