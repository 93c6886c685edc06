"""The domain of tables: stored float64 [n, columns] with codes for categories, encoded standardised and one-hot."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.domain import Field, Stored, Writer
from ganwright.domains.figure import GENERATED, REAL, figure, to_image

PANEL = (200, 150)  # width, height of a column's histogram in pixels
MAX_PANELS = 20
MAX_BARS = 10  # the most frequent categories are plotted
BINS = 24


@dataclass(frozen=True)
class Table:
    """Rows of numbers and categories; encoded to one value per number and one-hot vectors of categories."""

    columns: tuple[Column, ...]

    @property
    def shape(self) -> tuple[int]:
        return (sum(column.width for column in self.columns),)

    def encode(self, stored: Tensor) -> Tensor:
        parts = [_encoded(column, stored[:, place]) for place, column in enumerate(self.columns)]
        return torch.cat(parts, dim=1)

    def decode(self, encoded: Tensor) -> Stored:
        parts = encoded.detach().double().cpu().split([column.width for column in self.columns], dim=1)
        columns = [_decoded(column, part) for column, part in zip(self.columns, parts, strict=True)]
        return torch.stack(columns, dim=1).numpy()

    def to_array(self, stored: Stored) -> Stored:
        return stored

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        return self._histograms({"real": (real, REAL), "generated": (fake, GENERATED)})

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return self._histograms({"real": (stored, REAL)})

    def describe(self) -> str:
        numbers = sum(not column.categories for column in self.columns)
        return f"rows of {len(self.columns)} columns ({numbers} numbers, {len(self.columns) - numbers} categories)"

    @property
    def default_recipe(self) -> str:
        return "tabular"

    @property
    def grid_size(self) -> int:
        return 2000

    @property
    def views(self) -> tuple[str, ...]:
        return ("rows",)

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {".csv": self._save_csv}

    def _save_csv(self, stored: Stored, conditions: Stored | None, path: Path) -> None:
        """A header of column names and one line per row, with the names of categories."""
        texts = [_texts(column, stored[:, place]) for place, column in enumerate(self.columns)]
        if conditions is not None:
            texts.append([str(condition) for condition in conditions])
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            names = [column.name for column in self.columns]
            writer.writerow(names if conditions is None else [*names, "condition"])
            writer.writerows(zip(*texts, strict=True))

    def _histograms(self, sets: Mapping[str, tuple[Stored, str]]) -> Image.Image:
        """One panel per column with the histograms of all sets."""
        plotted = self.columns[:MAX_PANELS]
        across = min(len(plotted), math.ceil(math.sqrt(len(plotted))))
        down = math.ceil(len(plotted) / across)
        plot = figure(PANEL[0] * across, PANEL[1] * down, "plotting tables")
        for place, column in enumerate(plotted):
            axes = plot.add_subplot(down, across, place + 1)
            axes.set_title(column.name, fontsize=7, pad=2)
            axes.tick_params(labelsize=5, length=2)
            axes.set_yticks([])
            axes.xaxis.get_offset_text().set_fontsize(5)
            plot_column = _bars if column.categories else _histogram
            plot_column(axes, column, {name: (rows[:, place], colour) for name, (rows, colour) in sets.items()})
        if len(sets) > 1:
            plot.axes[0].legend(fontsize=5)
        plot.tight_layout(pad=0.5)
        return to_image(plot)


def _encoded(column: Column, values: Tensor) -> Tensor:
    """[n] to [n, width]."""
    dtype = torch.get_default_dtype()
    if column.categories:
        return F.one_hot(values.long(), column.width).to(dtype)
    return ((values - column.shift) / column.scale).to(dtype).unsqueeze(1)


def _decoded(column: Column, part: Tensor) -> Tensor:
    """[n, width] to [n]: the category of the largest value, or the number, rounded for integer columns."""
    if column.categories:
        return part.argmax(dim=1).double()
    values = part[:, 0] * column.scale + column.shift
    return values.round() if column.integer else values


def _texts(column: Column, values: Stored) -> list[str]:
    if column.categories:
        return [column.categories[int(code)] for code in values]
    return [f"{value:.0f}" if column.integer else f"{value:.9g}" for value in values]


def _histogram(axes: Any, column: Column, sets: Mapping[str, tuple[Stored, str]]) -> None:
    """Densities over the range of the first set, the real one; values outside are counted in the outer bins."""
    first = next(iter(sets.values()))[0]
    edges = np.linspace(first.min(), max(first.max(), first.min() + 1e-9), BINS + 1)
    inside = [np.clip(values, edges[0], edges[-1]) for values, _ in sets.values()]
    axes.hist(inside, edges, density=True, color=[colour for _, colour in sets.values()], label=list(sets))


def _bars(axes: Any, column: Column, sets: Mapping[str, tuple[Stored, str]]) -> None:
    """Frequencies of the most frequent categories of the first set, the real one."""
    shares = [
        np.bincount(values.astype(int), minlength=column.width) / max(len(values), 1) for values, _ in sets.values()
    ]
    plotted = np.argsort(-shares[0], kind="stable")[:MAX_BARS]
    width = 0.8 / len(sets)
    for place, (name, (_, colour)) in enumerate(sets.items()):
        axes.bar(np.arange(len(plotted)) + place * width, shares[place][plotted], width, color=colour, label=name)
    labels = [column.categories[code][:12] for code in plotted]
    axes.set_xticks(np.arange(len(plotted)) + (len(sets) - 1) * width / 2, labels, rotation=30, ha="right")
