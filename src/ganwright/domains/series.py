"""The domain of time series: windows float32 [n, time, feature] in the user's units, encoded min-max to [0, 1]."""

from __future__ import annotations

import csv
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

PANEL = (280, 110)  # width, height of a panel in pixels
MAX_PANELS = 8  # features plotted
LINES = 30  # windows per panel


@dataclass(frozen=True)
class Series:
    """Windows of `steps` steps; encoded = (stored - low) / (high - low) per feature (TimeGAN: Yoon et al. 2019)."""

    steps: int
    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def spanning(cls, series: Stored, steps: int, names: tuple[str, ...]) -> Series:
        """Scaled by the minimum and maximum of a series [time, feature]; a constant feature keeps its unit."""
        low = np.asarray(series, dtype=np.float64).min(axis=0)
        high = np.asarray(series, dtype=np.float64).max(axis=0)
        return cls(steps, names, tuple(low.tolist()), tuple(np.where(high > low, high, low + 1.0).tolist()))

    @property
    def shape(self) -> tuple[int, int]:
        return self.steps, len(self.names)

    def encode(self, stored: Tensor) -> Tensor:
        low, high = stored.new_tensor(self.low), stored.new_tensor(self.high)
        return (stored - low) / (high - low)

    def decode(self, encoded: Tensor) -> Stored:
        windows = encoded.detach().double().cpu()
        low, high = torch.tensor(self.low).double(), torch.tensor(self.high).double()
        return (windows * (high - low) + low).float().numpy()

    def to_array(self, stored: Stored) -> Stored:
        return stored

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        return self._lines({"real": (real, REAL), "generated": (fake, GENERATED)})

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return self._lines({"real": (stored, REAL)})

    def describe(self) -> str:
        return f"series of {self.steps} time steps, {len(self.names)} feature{'s' if len(self.names) > 1 else ''}"

    @property
    def default_recipe(self) -> str:
        return "series"

    @property
    def grid_size(self) -> int:
        return LINES

    @property
    def views(self) -> tuple[str, ...]:
        return ("windows",)

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {".csv": self._save_csv}

    def _save_csv(self, stored: Stored, conditions: Stored | None, path: Path) -> None:
        """A header and one line per time step of each window: window, step, features."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            extra = [] if conditions is None else ["condition"]
            writer.writerow(["window", "step", *self.names, *extra])
            for place, window in enumerate(stored):
                last = [] if conditions is None else [conditions[place]]
                writer.writerows(
                    [place, step, *(f"{v:.7g}" for v in values), *last] for step, values in enumerate(window)
                )

    def _lines(self, sets: Mapping[str, tuple[Stored, str]]) -> Image.Image:
        """One row of panels per feature and one column per set; limits are those of the first set, the real one."""
        plotted = self.names[:MAX_PANELS]
        plot = figure(PANEL[0] * len(sets), PANEL[1] * len(plotted) + 20, "plotting series")
        panels = plot.subplots(len(plotted), len(sets), squeeze=False, sharex=True, sharey="row")
        low, high = _limits(next(iter(sets.values()))[0])
        for feature, name in enumerate(plotted):
            panels[feature, 0].set_ylabel(name, fontsize=7)
            panels[feature, 0].set_ylim(low[feature], high[feature])
            for axes, (windows, colour) in zip(panels[feature], sets.values(), strict=True):
                axes.plot(windows[:LINES, :, feature].T, color=colour, alpha=0.5, linewidth=0.7)
                axes.tick_params(labelsize=5, length=2)
        for axes, title in zip(panels[0], sets, strict=True):
            axes.set_title(title, fontsize=8, pad=2)
        plot.tight_layout(pad=0.4)
        return to_image(plot)


def _limits(windows: Stored) -> tuple[Any, Any]:
    """The range of each feature, extended by a tenth on each side."""
    low, high = windows.min(axis=(0, 1)), windows.max(axis=(0, 1))
    margin = np.maximum(0.1 * (high - low), 1e-3)
    return low - margin, high + margin
