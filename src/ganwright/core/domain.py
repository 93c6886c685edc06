"""Where samples live: their shape, how they are encoded for the networks, how they are drawn and saved."""

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
    """Three forms of a sample: *stored* (as on disk), *encoded* (as the networks see it), and drawn."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded sample."""

    def encode(self, stored: Tensor) -> Tensor:
        """[n, *stored shape] to float [n, *shape]."""

    def decode(self, encoded: Tensor) -> Stored:
        """[n, *shape] back to the stored form."""

    def to_array(self, stored: Stored) -> Stored:
        """The stored form as it is written to .npy: a single channel is dropped."""

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        """One picture: fakes, with real data beside or below them; `field` maps stored samples to a colour's value.

        `columns` are those of a grid of fakes, where samples stand in a grid.
        """

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        """One picture of stored samples by themselves, to look at a data set."""

    def describe(self) -> str:
        """In words, for messages."""

    @property
    def default_recipe(self) -> str:
        """The recipe that is taken when nobody names one."""

    @property
    def grid_size(self) -> int:
        """How many samples a sheet shows."""

    @property
    def views(self) -> tuple[str, ...]:
        """The views (core/metric.py) in which metrics can compare samples."""

    @property
    def writers(self) -> Mapping[str, Writer]:
        """Further ways to save samples, by file suffix ("" is a folder)."""
