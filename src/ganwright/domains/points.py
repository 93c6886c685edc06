"""The domain of points: stored float32 [n, dimensions] in the user's units, encoded shifted and scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganwright.core.domain import Field, Stored, Writer
from ganwright.domains.figure import GENERATED, REAL, figure, to_image

RESOLUTION = 80  # cells of the field along each axis
PIXELS = (480, 440)  # width, height of a plot


@dataclass(frozen=True)
class Points:
    """Points of len(shift) dimensions; encoded = (stored - shift) / scale."""

    shift: tuple[float, ...]
    scale: tuple[float, ...]

    @classmethod
    def plain(cls, dimensions: int) -> Points:
        """Points that are not scaled."""
        return cls((0.0,) * dimensions, (1.0,) * dimensions)

    @classmethod
    def standardised(cls, points: Stored) -> Points:
        """Standardised to mean 0 and standard deviation 1 per dimension; a constant dimension keeps its unit."""
        deviation = np.asarray(points, dtype=np.float64).std(axis=0)
        mean = np.asarray(points, dtype=np.float64).mean(axis=0)
        return cls(tuple(mean.tolist()), tuple(np.where(deviation > 0, deviation, 1.0).tolist()))

    @property
    def shape(self) -> tuple[int]:
        return (len(self.shift),)

    def encode(self, stored: Tensor) -> Tensor:
        return (stored - stored.new_tensor(self.shift)) / stored.new_tensor(self.scale)

    def decode(self, encoded: Tensor) -> Stored:
        points = encoded.detach().double().cpu()
        return (points * torch.tensor(self.scale).double() + torch.tensor(self.shift).double()).float().numpy()

    def to_array(self, stored: Stored) -> Stored:
        return stored

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        plot, axes = _figure()
        low, high = _limits(real)
        if field is not None and len(self.shift) == 2:
            _heat(axes, field, low, high)
        axes.scatter(*_first_two(real), s=6, c=REAL, alpha=0.5, linewidths=0, label="real")
        axes.scatter(*_first_two(fake), s=6, c=GENERATED, alpha=0.6, linewidths=0, label="generated")
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        axes.legend(loc="upper right", fontsize=8, markerscale=2)
        return to_image(plot)

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        plot, axes = _figure()
        axes.scatter(*_first_two(stored), s=6, c=REAL, alpha=0.5, linewidths=0)
        return to_image(plot)

    def describe(self) -> str:
        return f"points of {len(self.shift)} dimensions"

    @property
    def default_recipe(self) -> str:
        return "curve"

    @property
    def grid_size(self) -> int:
        return 1000

    @property
    def views(self) -> tuple[str, ...]:
        return ("points",)

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {".csv": save_csv}


def save_csv(stored: Stored, conditions: Stored | None, path: Path) -> None:
    """A header and one line per point: x0, x1, ... and the condition, if any."""
    columns = [f"x{i}" for i in range(stored.shape[1])]
    values = stored if conditions is None else np.column_stack([stored, conditions])
    header = ",".join(columns if conditions is None else [*columns, "condition"])
    np.savetxt(path, values, delimiter=",", header=header, comments="", fmt="%.7g")


def _figure() -> tuple[Any, Any]:
    empty = figure(*PIXELS, "plotting points")
    return empty, empty.add_axes((0.1, 0.08, 0.87, 0.89))


def _first_two(points: Stored) -> tuple[Stored, Stored]:
    return points[:, 0], points[:, 1] if points.shape[1] > 1 else np.zeros(len(points))


def _limits(real: Stored) -> tuple[Stored, Stored]:
    """Corners of the plot: the range of the real points, extended by a fifth on each side."""
    plane = np.column_stack(_first_two(real))
    low, high = plane.min(axis=0), plane.max(axis=0)
    margin = np.maximum(0.2 * (high - low), 1e-3)
    return low - margin, high + margin


def _heat(axes: Any, field: Field, low: Stored, high: Stored) -> None:
    """Plots the field over the plane: dark where scores are low (fake), light where they are high (real)."""
    xs, ys = np.linspace(low[0], high[0], RESOLUTION), np.linspace(low[1], high[1], RESOLUTION)
    plane = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)
    values = field(plane).reshape(RESOLUTION, RESOLUTION)
    axes.imshow(
        values,
        origin="lower",
        extent=(low[0], high[0], low[1], high[1]),
        aspect="auto",
        cmap="Greys_r",
        alpha=0.6,
    )
