"""The domain of points: stored float32 [n, dimensions] in the user's units, encoded shifted and scaled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganwright.core.domain import Field, Panels, Reader, SavedSamples, Stored
from ganwright.domains._figure import COLOURS, figure
from ganwright.domains._panels import limits, planes, share
from ganwright.domains._plotted import Plotted, Sets, Typed
from ganwright.domains._tabular import SUFFIXES, opened
from ganwright.domains._text import TextOptions
from ganwright.domains._text_points import read_points

RESOLUTION = 80  # cells of the field along each axis
PIXELS = (480, 440)  # width, height of a plot
MAX_PLANES = 3  # of successive pairs of dimensions, in a panel of a sheet


@dataclass(frozen=True)
class Points(Plotted):
    """Points of len(shift) dimensions; encoded = (stored - shift) / scale. Without `names` they are x0, x1, ..."""

    shift: tuple[float, ...]
    scale: tuple[float, ...]
    names: tuple[str, ...] = ()

    noun = "points"
    views = ("points",)
    grid_size = 1000
    shown_together = 250
    default_recipe = "curve"

    @classmethod
    def plain(cls, dimensions: int) -> Points:
        """Points that are not scaled."""
        return cls((0.0,) * dimensions, (1.0,) * dimensions)

    @classmethod
    def standardised(cls, points: Stored, names: tuple[str, ...] = ()) -> Points:
        """Standardised to mean 0 and standard deviation 1 per dimension; a constant dimension keeps its unit."""
        deviation = np.asarray(points, dtype=np.float64).std(axis=0)
        mean = np.asarray(points, dtype=np.float64).mean(axis=0)
        return cls(tuple(mean.tolist()), tuple(np.where(deviation > 0, deviation, 1.0).tolist()), names)

    @property
    def shape(self) -> tuple[int]:
        return (len(self.shift),)

    @property
    def stored_shape(self) -> tuple[int]:
        return (len(self.shift),)

    def encode(self, stored: Tensor) -> Tensor:
        return (stored - stored.new_tensor(self.shift)) / stored.new_tensor(self.scale)

    def decode(self, encoded: Tensor) -> Stored:
        points = encoded.detach().double().cpu()
        return (points * torch.tensor(self.scale).double() + torch.tensor(self.shift).double()).float().numpy()

    def describe(self) -> str:
        return f"points of {len(self.shift)} dimensions"

    def plot(self, sets: Sets, field: Field | None = None) -> Any:
        """Points in their first two dimensions; the field over the plane: dark where scores are low."""
        plot = figure(*PIXELS, "plotting points")
        axes = plot.add_axes((0.1, 0.08, 0.87, 0.89))
        low, high = _limits(sets["real"])
        if field is not None and len(self.shift) == 2:
            _heat(axes, field, low, high)
        for name, alpha in zip(sets, (0.5, 0.6), strict=False):
            axes.scatter(*_first_two(sets[name]), s=6, c=COLOURS[name], alpha=alpha, linewidths=0, label=name)
        if len(sets) > 1:
            axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
            axes.legend(loc="upper right", fontsize=8, markerscale=2)
        return plot

    def panels(self, entries: Stored) -> Panels:
        """Each set of points in one plane, or in up to three of successive dimensions, with limits of all points."""
        dimensions = list(range(min(entries.shape[2], 2 * MAX_PLANES)))
        between = {place: limits(entries[..., place]) for place in dimensions}
        shares = [[share(entry[:, place], between[place]) for place in dimensions] for entry in entries]
        pairs = [dimensions[start : start + 2] for start in range(0, len(dimensions), 2)]
        rows = np.linspace(0, 1, entries.shape[1])  # a dimension without a partner is drawn over the row
        pictures = [planes([(one[x], one[y[0]] if y else rows) for x, *y in pairs]) for one in shares]
        named = [f"{self.header[place]}: {low:.4g} to {high:.4g}" for place, (low, high) in between.items()]
        return Panels(pictures, ", ".join(named))

    @property
    def header(self) -> Sequence[str]:
        return self.names or [f"x{i}" for i in range(len(self.shift))]

    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        return enumerate([f"{value:.7g}" for value in point] for point in stored)

    def typed(self, stored: Stored) -> Typed:
        return Typed(np.arange(len(stored)), {name: stored[:, place] for place, name in enumerate(self.header)})

    @property
    def readers(self) -> dict[str, Reader]:
        return dict.fromkeys(SUFFIXES, self._read_text) | super().readers

    def _read_text(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        text = opened(path, TextOptions.among(options))
        found = read_points(text, self.header)
        return SavedSamples(self.from_array(found.points, str(path)), found.labels, notes=(*found.notes, *text.notes))


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
