"""Loads tables of numbers and categories from delimited text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ganwright.core.choices import Split
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.errors import MissingPartError, UserError, nearest
from ganwright.core.system import expanded
from ganwright.data._column_kinds import MAX_CATEGORIES, as_column
from ganwright.data._series_options import SeriesOptions
from ganwright.data._table_notes import notes_on
from ganwright.domains._numbers import Decimal
from ganwright.domains._text import Cells, Header, Text, TextOptions
from ganwright.domains._text_table import coded, read_table
from ganwright.domains.table import Table

TEST_EVERY = 5  # one row of five is for the test part


@dataclass(frozen=True)
class Reading:
    """Loader options of delimited text, see `_files.load`; the defaults read points."""

    series: SeriesOptions = field(default_factory=SeriesOptions)
    table: bool = False
    header: Header = "auto"
    categories: tuple[str, ...] = ()
    test: str | None = None
    missing: tuple[str, ...] | None = None
    decimal: Decimal | None = None

    @property
    def text(self) -> TextOptions:
        return TextOptions(self.header, self.missing, self.decimal)


def load(text: Text, reading: Reading, split: Split = "train") -> Data:
    """Rows float64 [N, columns]: numbers, and category codes in the order of the column's categories.

    For the kinds of columns see `as_column`. A column of over 1,000 distinct words or without any content is left out.
    Without a test file a fixed fifth of the rows is the test part. Raises UserError, which names the line and column of
    a cell that does not fit.
    """
    path = text.path
    if not len(text):
        raise UserError(f"{path} has no rows.")
    kept, columns, cells, notes = _described(text, reading.categories)
    if reading.test is None:
        rows, note = _part(coded(kept, columns, cells).rows, split, path)
        return Data(path.stem, Table(columns), rows, notes=(*notes, note))
    other = test_file(path, reading.test)
    notes = (*notes, f"The test part is {other}.")
    if split == "train":
        return Data(path.stem, Table(columns), coded(kept, columns, cells).rows, notes=notes)
    rows, more = read_table(other, columns, reading.text)
    return Data(path.stem, Table(columns), rows, notes=(*notes, *more))


def test_file(path: Path, other: str) -> Path:
    """The file of a table's test part; raises UserError, which names one beside the table, if there is none."""
    found = expanded(other).absolute()
    if found.is_file():
        return found
    beside = path.parent / found.name
    raise UserError(f"The test part {found} does not exist.{f' Did you mean {beside}?' if beside.is_file() else ''}")


def _described(
    text: Text, chosen: Sequence[str]
) -> tuple[Text, tuple[Column, ...], Mapping[int, Cells], tuple[str, ...]]:
    """The columns that are kept, as text, described, and by kinds of cells; and notes on all columns."""
    for name in chosen:
        if name not in text.names:
            raise UserError(f"{text.path} has no column {name!r} for --categories.{nearest(name, text.names)}")
    cells = {index: text.cells(index) for index in range(len(text.names))}
    described = [(index, as_column(text, index, of, text.names[index] in chosen)) for index, of in cells.items()]
    columns = {i: column for i, column in described if column is not None and len(column.categories) <= MAX_CATEGORIES}
    left_out = {index: of for index, of in cells.items() if index not in columns}
    if not columns:
        raise UserError(f"{text.path} has only columns that are empty or of over {MAX_CATEGORIES:,} distinct words.")
    notes = (
        *notes_on(text, {index: (column, cells[index]) for index, column in columns.items()}, left_out),
        *text.notes,
    )
    kept = {place: cells[index] for place, index in enumerate(columns)}
    return text.selected(list(columns)), tuple(columns.values()), kept, notes


def _part(rows: np.ndarray, split: Split, path: Path) -> tuple[np.ndarray, str]:
    """The rows of one part in order; the row numbers of the test part depend only on the number of rows."""
    is_test = np.zeros(len(rows), dtype=bool)
    is_test[generator("test rows", len(rows)).permutation(len(rows))[: len(rows) // TEST_EVERY]] = True
    if split == "test" and not is_test.any():
        raise MissingPartError(f"{path} has {len(rows)} rows, too few for a test part", "give a file with --test")
    note = f"{int(is_test.sum()):,} of the {len(rows):,} rows are the test part."
    return rows[is_test if split == "test" else ~is_test], note
