"""Reads Parquet files as text in columns, and writes columns of numbers and words to them, by polars."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from numpy.typing import NDArray

from ganwright.core.errors import MissingExtraError, UserError
from ganwright.domains._text import Text, TextOptions

if TYPE_CHECKING:
    import polars

Values = NDArray[Any] | Sequence[Any]  # of one type, or None
SUFFIX = ".parquet"
STDERR = 2
DATE = "%Y-%m-%d"
DIGITS = 18  # of a whole number, at most
MAX_CELLS = 2**24  # of a file: a few kilobytes may hold any number of equal values
MAX_BYTES = 2**30  # of all words of a file


def opened(path: Path, options: TextOptions | None = None) -> Text:
    """The cells of a file as those of delimited text: numbers with all their digits, dates and times in ISO 8601, true
    and false, and empty cells for missing values; rows count from 1.

    Raises UserError for a file that cannot be read or holds something else, and MissingExtraError without polars.
    """
    options = options or TextOptions()
    if options.header != "auto" or options.decimal is not None:
        raise UserError(f"{path} is a Parquet file: --header and --decimal are options of delimited text.")
    pl = _polars("reading .parquet")
    with _refusing(path), _quiet():
        frame = _checked(pl, path)
        columns = [_as_text(column) for column in frame.get_columns()]
    names = [name.strip() or str(place + 1) for place, name in enumerate(frame.columns)]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise UserError(f"{path}: two columns are called {name}: rename one of them.")
    rows = list(range(1, frame.height + 1))
    note = f"{path.name} is read as Parquet."
    return Text(path, names, rows, columns, True, ",", "point", options.marks, (note,), "row")


def write(path: Path, columns: Mapping[str, Values]) -> None:
    """Writes columns with their types: numbers as in their arrays, others as strings or integers; None is missing."""
    pl = _polars("writing .parquet")
    pl.DataFrame([pl.Series(name, values) for name, values in columns.items()]).write_parquet(path)


def as_values(cells: Sequence[str]) -> Values:
    """Keys or times as written, as numbers, dates, or dates with a time of day where they are all of such; else as they
    are."""
    for read in (_whole, _decimal, date.fromisoformat, _local):
        try:
            values = [read(cell) for cell in cells]
        except ValueError:
            continue
        if list(map(str, values)) == list(cells):
            return values
    return cells


def _whole(cell: str) -> int:
    if not (cell.isdecimal() and len(cell) <= DIGITS):
        raise ValueError
    return int(cell)


def _decimal(cell: str) -> float:
    if not math.isfinite(value := float(cell)):
        raise ValueError
    return value


def _local(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    if moment.tzinfo is not None:
        raise ValueError
    return moment


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Makes a UserError of whatever polars raises; its panics are no Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, UserError):
        raise
    except BaseException as error:
        reason = " ".join(str(error).split())[:200] if isinstance(error, Exception) else "its content is damaged"
        raise UserError(f"{path} cannot be read as Parquet ({reason}).") from None


def _checked(pl: Any, path: Path) -> polars.DataFrame:
    """The content of a file, unless it has no columns, or its columns are of another kind or too large to be cells.

    A file may have as many cells as bytes, if these are more than `MAX_CELLS`.
    """
    lazy, schema = pl.scan_parquet(path, glob=False), pl.read_parquet_schema(path)
    rows, width, limit = lazy.select(pl.len()).collect().item(), len(schema), max(MAX_CELLS, path.stat().st_size)
    if not width:
        raise UserError(f"{path} has no columns.")
    for name, kind in schema.items():
        _refuse_kind(path, name, kind)
    if rows * width > limit:
        raise UserError(
            f"{path} is too large: it has {rows:,} rows of {width} column{'s' * (width != 1)}, and at most {limit:,} "
            "cells can be read."
        )
    words = [name for name, kind in schema.items() if kind.base_type() in (pl.String, pl.Categorical, pl.Enum)]
    sizes = [pl.col(name).cast(pl.String).str.len_bytes().cast(pl.Int64).sum() for name in words]
    size = sum(lazy.select(sizes).collect(engine="streaming").row(0)) if words else 0
    if size > MAX_BYTES:
        raise UserError(
            f"{path} is too large: its words have {size:,} bytes, and at most {MAX_BYTES:,} bytes can be read."
        )
    return cast("polars.DataFrame", pl.read_parquet(path, glob=False))


def _refuse_kind(path: Path, name: str, kind: Any) -> None:
    """Raises UserError for a column of what is no cell of text."""
    import polars as pl

    cells = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Time, pl.Null, pl.Date, pl.Datetime)
    if not kind.is_numeric() and kind.base_type() not in cells:
        raise UserError(
            f"{path}, column {name}: {kind} is neither numbers, words, dates nor true and false; leave it out."
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what polars writes of its panics to the process's standard error from the user."""
    try:
        kept = os.dup(STDERR)
    except OSError:  # it is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)


def _polars(purpose: str) -> Any:
    try:
        import polars
    except ImportError:
        raise MissingExtraError("parquet", purpose[0].upper() + purpose[1:]) from None
    return polars


def _as_text(column: polars.Series) -> list[str]:
    import polars as pl

    kind = column.dtype
    zone = "%:z" if getattr(kind, "time_zone", None) else ""
    form = {pl.Date: DATE, pl.Datetime: f"{DATE} %H:%M:%S%.f{zone}"}.get(kind.base_type())
    texts = column.cast(pl.String).str.strip_chars() if form is None else column.dt.strftime(form)
    return texts.fill_null("").to_list()
