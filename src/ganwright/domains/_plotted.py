"""What domains share whose samples are plotted and saved in columns, as delimited text or Parquet."""

from __future__ import annotations

import csv
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganwright.core.domain import Domain, Field, Stored, Writer
from ganwright.domains._figure import to_image
from ganwright.domains._parquet import SUFFIX, Values, write

Sets = Mapping[str, Stored]


class Typed(NamedTuple):
    """Columns by name with one value for each line, and the index of each line's sample."""

    sample: NDArray[np.int64]
    columns: Mapping[str, Values]


class InColumns(Protocol):
    """Writes samples in columns."""

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns of a .csv."""

    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        """The lines of a .csv: the index of the sample, and the cells."""

    def typed(self, stored: Stored) -> Typed:
        """The columns of a .parquet."""


class Plotted(Domain):
    """A domain that plots one or two sets of samples with the same axes, and writes them in columns."""

    plotted = True

    @property
    @abstractmethod
    def header(self) -> Sequence[str]:
        """See `InColumns`."""

    @abstractmethod
    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        """See `InColumns`."""

    @abstractmethod
    def typed(self, stored: Stored) -> Typed:
        """See `InColumns`."""

    @abstractmethod
    def plot(self, sets: Sets, field: Field | None = None) -> Any:
        """A figure of the sets "real" and, if present, "generated"; its limits are those of the real one."""

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        return to_image(self.plot({"real": real, "generated": fake}, field))

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return to_image(self.plot({"real": stored}))

    @property
    def writers(self) -> Mapping[str, Writer]:
        return writers_of(self)


def writers_of(written: InColumns) -> Mapping[str, Writer]:
    """The writers of samples in columns, by suffix."""
    return {".csv": partial(_save_csv, written), SUFFIX: partial(_save_parquet, written)}


def _save_csv(written: InColumns, stored: Stored, conditions: Stored | None, path: Path) -> None:
    """A header and the lines, with the condition as the last column if there is one."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(written.header if conditions is None else [*written.header, "condition"])
        for sample, cells in written.lines(stored):
            writer.writerow(cells if conditions is None else [*cells, conditions[sample]])


def _save_parquet(written: InColumns, stored: Stored, conditions: Stored | None, path: Path) -> None:
    """As `_save_csv`, with the types of the columns."""
    sample, columns = written.typed(stored)
    named = {} if conditions is None else {"condition": [str(one) for one in np.asarray(conditions)[sample]]}
    write(path, {**columns, **named})
