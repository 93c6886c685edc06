"""The domain of tables: stored float64 [n, columns] with codes for categories, encoded standardised and one-hot."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.domain import Field, Reader, SavedSamples, Stored
from ganwright.core.errors import UserError
from ganwright.core.metric import Samples
from ganwright.domains._column_values import as_texts, as_typed
from ganwright.domains._column_values import decoded as decoded_values
from ganwright.domains._column_values import encoded as encoded_values
from ganwright.domains._figure import COLOURS, figure
from ganwright.domains._plotted import Plotted, Sets, Typed
from ganwright.domains._table_words import example_row, row_of
from ganwright.domains._tabular import SUFFIXES
from ganwright.domains._text import TextOptions
from ganwright.domains._text_table import read_table

PANEL = (200, 150)  # width, height of a column's histogram in pixels
MAX_PANELS = 20
MAX_BARS = 10  # the most frequent categories are plotted
BINS = 24


@dataclass(frozen=True)
class Table(Plotted):
    """Rows of numbers and categories; encoded to one value per number and one-hot vectors of categories.

    A missing number is NaN; its column is encoded to two values, see `Column.mark`. Rows of another file with words
    that no category has are left out, or refused if all have to be known, as conditions have.
    """

    columns: tuple[Column, ...]
    all_known: bool = False

    noun = "rows of a table"
    dtype = np.dtype(np.float64)
    may_be_nan = True
    views = ("rows",)
    grid_size = 2000

    @property
    def shape(self) -> tuple[int]:
        return (sum(column.width for column in self.columns),)

    @property
    def stored_shape(self) -> tuple[int]:
        return (len(self.columns),)

    def encode(self, stored: Tensor) -> Tensor:
        parts = [encoded_values(column, stored[:, place]) for place, column in enumerate(self.columns)]
        return torch.cat(parts, dim=1)

    def decode(self, encoded: Tensor) -> Stored:
        parts = encoded.detach().double().cpu().split([column.width for column in self.columns], dim=1)
        columns = [decoded_values(column, part) for column, part in zip(self.columns, parts, strict=True)]
        return torch.stack(columns, dim=1).numpy()

    def from_array(self, array: Any, where: str) -> Stored:
        """As `Domain.from_array`; also raises UserError for NaN where no number is missing, and for unknown codes."""
        stored = super().from_array(array, where)
        for place, column in enumerate(self.columns):
            values = stored[:, place]
            unfit = np.isnan(values) if column.mark is None else np.zeros(len(values), dtype=bool)
            if column.categories:
                unfit = ~np.isin(values, np.arange(column.width))
            if unfit.any():
                row = int(np.argmax(unfit))
                expected = f"a code from 0 to {column.width - 1}" if column.categories else "a number"
                raise UserError(f"{where}, row {row}: {column.name} is {values[row]:g}, and expected is {expected}.")
        return stored

    @property
    def static_columns(self) -> tuple[Column, ...]:
        return self.columns

    def described(self, words: str) -> Stored:
        return row_of(words, self.columns)[None]

    def example(self, source: str) -> str:
        return example_row(self.columns)

    def describe(self) -> str:
        numbers = sum(not column.categories for column in self.columns)
        categories = len(self.columns) - numbers
        columns = f"{len(self.columns)} column{'s' * (len(self.columns) != 1)}"
        kinds = f"{numbers} number{'s' * (numbers != 1)}, {categories} categor{'y' if categories == 1 else 'ies'}"
        return f"rows of {columns} ({kinds})"

    def plot(self, sets: Sets, field: Field | None = None) -> Any:
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
            plot_column(axes, column, {name: rows[:, place] for name, rows in sets.items()})
        if len(sets) > 1:
            plot.axes[0].legend(fontsize=5)
        plot.tight_layout(pad=0.5)
        return plot

    def viewed(self, view: str, stored: Stored, labels: Stored | None = None) -> Samples:
        return Samples(stored, labels, self.columns)

    @property
    def header(self) -> Sequence[str]:
        return [column.name for column in self.columns]

    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        """One line per row, with the names of categories and the marks of missing numbers."""
        texts = [as_texts(column, stored[:, place]) for place, column in enumerate(self.columns)]
        return enumerate(zip(*texts, strict=True))

    def typed(self, stored: Stored) -> Typed:
        columns = {column.name: as_typed(column, stored[:, place]) for place, column in enumerate(self.columns)}
        return Typed(np.arange(len(stored)), columns)

    def write_numbered(self, entries: Stored, folder: Path) -> None:
        """Writes samples.csv: a line for each row, with its number in the first column."""
        with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["number", *self.header])
            writer.writerows([row + 1, *cells] for row, cells in self.lines(entries[:, 0]))

    @property
    def readers(self) -> dict[str, Reader]:
        return dict.fromkeys(SUFFIXES, self._read_text) | super().readers

    def _read_text(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        rows, notes = read_table(path, self.columns, TextOptions.among(options), self.all_known)
        return SavedSamples(rows, notes=notes)


def _histogram(axes: Any, column: Column, sets: Sets) -> None:
    """Densities over the range of the real set; values outside are counted in the outer bins, missing ones left out."""
    sets = {name: values[~np.isnan(values)] for name, values in sets.items()}
    first = sets["real"] if len(sets["real"]) else np.zeros(1)
    edges = np.linspace(first.min(), max(first.max(), first.min() + 1e-9), BINS + 1)
    inside = [np.clip(values, edges[0], edges[-1]) for values in sets.values()]
    axes.hist(inside, edges, density=True, color=[COLOURS[name] for name in sets], label=list(sets))


def _bars(axes: Any, column: Column, sets: Sets) -> None:
    """Frequencies of the most frequent categories of the real set."""
    shares = [np.bincount(values.astype(int), minlength=column.width) / max(len(values), 1) for values in sets.values()]
    plotted = np.argsort(-shares[0], kind="stable")[:MAX_BARS]
    width = 0.8 / len(sets)
    for place, name in enumerate(sets):
        axes.bar(
            np.arange(len(plotted)) + place * width, shares[place][plotted], width, color=COLOURS[name], label=name
        )
    labels = [column.categories[code][:12] for code in plotted]
    axes.set_xticks(np.arange(len(plotted)) + (len(sets) - 1) * width / 2, labels, rotation=30, ha="right")
