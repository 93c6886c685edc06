"""The domain of time series: windows float32 [n, time, feature] in the user's units, encoded min-max to [0, 1]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganwright.core.domain import Field, Reader, SavedSamples, Stored
from ganwright.core.errors import UserError
from ganwright.domains._figure import COLOURS, figure
from ganwright.domains._plotted import Plotted, Sets
from ganwright.domains._text import SUFFIXES, Text, TextOptions, opened
from ganwright.domains._text_numbers import numbers_of
from ganwright.domains._text_series import read_series, windows
from ganwright.domains._values import as_float32

PANEL = (280, 110)  # width, height of a panel in pixels
MAX_PANELS = 8  # features plotted
LINES = 30  # windows per panel


@dataclass(frozen=True)
class Series(Plotted):
    """Windows of `steps` steps; encoded = (stored - low) / (high - low) per feature (TimeGAN: Yoon et al. 2019)."""

    steps: int
    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    noun = "series"
    views = ("windows",)
    grid_size = LINES

    @classmethod
    def spanning(cls, series: Stored, steps: int, names: tuple[str, ...]) -> Series:
        """Scaled by the minimum and maximum of a series [time, feature]; a constant feature keeps its unit."""
        low = np.asarray(series, dtype=np.float64).min(axis=0)
        high = np.asarray(series, dtype=np.float64).max(axis=0)
        return cls(steps, names, tuple(low.tolist()), tuple(np.where(high > low, high, low + 1.0).tolist()))

    @property
    def shape(self) -> tuple[int, int]:
        return self.steps, len(self.names)

    @property
    def stored_shape(self) -> tuple[int, int]:
        return self.shape

    def encode(self, stored: Tensor) -> Tensor:
        low, high = stored.new_tensor(self.low), stored.new_tensor(self.high)
        return (stored - low) / (high - low)

    def decode(self, encoded: Tensor) -> Stored:
        windows = encoded.detach().double().cpu()
        low, high = torch.tensor(self.low).double(), torch.tensor(self.high).double()
        return (windows * (high - low) + low).float().numpy()

    def describe(self) -> str:
        return f"series of {self.steps} time steps, {len(self.names)} feature{'s' if len(self.names) > 1 else ''}"

    def plot(self, sets: Sets, field: Field | None = None) -> Any:
        """One row of panels per feature and one column per set."""
        plotted = self.names[:MAX_PANELS]
        plot = figure(PANEL[0] * len(sets), PANEL[1] * len(plotted) + 20, "plotting series")
        panels = plot.subplots(len(plotted), len(sets), squeeze=False, sharex=True, sharey="row")
        low, high = _limits(sets["real"])
        for feature, name in enumerate(plotted):
            panels[feature, 0].set_ylabel(name, fontsize=7)
            panels[feature, 0].set_ylim(low[feature], high[feature])
            for axes, (title, shown) in zip(panels[feature], sets.items(), strict=True):
                axes.plot(shown[:LINES, :, feature].T, color=COLOURS[title], alpha=0.5, linewidth=0.7)
                axes.tick_params(labelsize=5, length=2)
        for axes, title in zip(panels[0], sets, strict=True):
            axes.set_title(title, fontsize=8, pad=2)
        plot.tight_layout(pad=0.4)
        return plot

    @property
    def header(self) -> Sequence[str]:
        return ["window", "step", *self.names]

    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        """One line per time step of each window."""
        for place, window in enumerate(stored):
            for step, values in enumerate(window):
                yield place, [place, step, *(f"{value:.7g}" for value in values)]

    @property
    def readers(self) -> dict[str, Reader]:
        return dict.fromkeys(SUFFIXES, self._read_text) | super().readers

    def _read_text(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        """All windows of a series, one time step per line, or those that were saved with their numbers."""
        text = opened(path, TextOptions.among(options))
        if set(self.header) <= set(text.names):
            return SavedSamples(self._saved(text), notes=text.notes)
        found = read_series(text, self.names)
        return SavedSamples(windows(found.values, self.steps, str(path)), notes=(*found.notes, *text.notes))

    def _saved(self, text: Text) -> Stored:
        """The windows in a file of `writers`; raises UserError unless all are complete."""
        kept = text.selected([text.names.index(name) for name in self.header])
        columns = [numbers_of(kept, index, kept.cells(index)) for index in range(len(kept.names))]
        window, step, *features = columns
        count = -(-len(text) // self.steps)
        fits = len(text) % self.steps == 0 and (step == np.tile(np.arange(self.steps), count)).all()
        if not len(text) or not fits or (np.diff(window.reshape(count, self.steps), axis=1) != 0).any():
            raise UserError(f"{text.path} should hold windows of the steps 0 to {self.steps - 1} each, in this order.")
        values = as_float32(np.stack(features, axis=1), str(text.path))
        return values.reshape(count, self.steps, len(self.names))


def _limits(windows: Stored) -> tuple[Any, Any]:
    """The range of each feature, extended by a tenth on each side."""
    low, high = windows.min(axis=(0, 1)), windows.max(axis=(0, 1))
    margin = np.maximum(0.1 * (high - low), 1e-3)
    return low - margin, high + margin
