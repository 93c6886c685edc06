"""Loads columns of text as series, as a table, or as points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ganwright.core.choices import Split, check
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError, UserError
from ganwright.data import _csv, _series, _table
from ganwright.data._column_kinds import of_words
from ganwright.data._kind import Chosen, Kind
from ganwright.data._series_options import SeriesOptions
from ganwright.data._table import Reading
from ganwright.domains._numbers import Decimal
from ganwright.domains._separator import NONE
from ganwright.domains._tabular import SUFFIXES, opened
from ganwright.domains._text import Header, Text
from ganwright.domains._text_points import label_column
from ganwright.domains._times import is_time

OF_SERIES = ("window", "key", "time", "static", "conditions", "given", "scaling")
OF_TEXT = ("table", "header", "categories", "test", "missing", "decimal")
OWN = (*OF_SERIES, *OF_TEXT)  # options that strings do not have
WRITTEN = "Samples are written with commas between the cells and with a decimal point."


def claims(chosen: Chosen) -> bool:
    """Whether it is a file of columns by its suffix."""
    return chosen.suffix in SUFFIXES


def load_chosen(chosen: Chosen) -> Data:
    """See `load`."""
    check("header", chosen.options["header"], Header)
    check("decimal", chosen.options["decimal"] or "point", Decimal)
    reading = chosen.among(Reading, series=chosen.among(SeriesOptions))
    return load(chosen.path, reading, chosen.one_of_parts("train", "test"))


def load(path: Path, reading: Reading, split: Split) -> Data:
    """Series if a window or a key is given, a table if requested or if there are words, otherwise points."""
    reading.series.check(str(path))
    if reading.series.chosen and (reading.table or reading.test is not None):
        chosen = "key" if reading.series.window is None else "window"
        raise UserError(f"{path}: --{chosen} excludes --table and --test.")
    tabular = reading.table or bool(reading.categories) or reading.test is not None
    text = opened(path, reading.text)
    data = _loaded(text, reading, tabular, split)
    is_plain = text.separator in (",", NONE) and text.decimal == "point"
    return data if is_plain else replace(data, notes=(*data.notes, WRITTEN))


def _loaded(text: Text, reading: Reading, tabular: bool, split: Split) -> Data:
    if reading.series.chosen:
        return _series.load(text, reading.series, reading.categories, split)
    if tabular or _holds_words(text):
        return _table.load(text, reading, split)
    if split == "test":
        raise MissingPartError(f"{text.path} has no test part", "give the path of the test file as --data")
    return _csv.load(text)


def _holds_words(text: Text) -> bool:
    """Whether a column besides labels has words as categories, or numbers with leading zeros.

    Raises UserError if a column begins with a time, which indicates series.
    """
    label = label_column(text.names)
    found = False
    for index, name in enumerate(text.names):
        cells = text.cells(index)
        if index == label:
            continue
        if cells.words and is_time(cells.words[0]):
            hint = "use --window 24 for series of 24 lines, --key COLUMN for several series, or --table for a table"
            raise UserError(f"{text.path} has times in column {name}: {hint}.")
        found |= bool(cells.codes) or of_words(cells)
    return found


COLUMNS = Kind(
    "columns",
    "points, series or tables in a .csv, .tsv or .parquet",
    (*OF_SERIES, "split", "test_share", *OF_TEXT),
    claims,
    load_chosen,
)
