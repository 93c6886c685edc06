"""Reads Parquet files as text in columns, and writes columns of numbers and words to them, by polars."""

from __future__ import annotations

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
MAX_CELLS = 2**27  # of a file: a few kilobytes may hold any number of equal values


def opened(path: Path, options: TextOptions | None = None) -> Text:
    """The cells of a file as those of delimited text: numbers with all their digits, dates and times in ISO 8601, true
    and false, and empty cells for missing values; rows count from 1.

    Raises UserError for a file that cannot be read or holds something else, and MissingExtraError without polars.
    """
    options = options or TextOptions()
    if options.header != "auto" or options.decimal is not None:
        raise UserError(f"{path} is a Parquet file: header and decimal are options of delimited text.")
    pl = _polars("reading .parquet")
    with _refusing(path), _quiet():
        frame = _checked(pl, path)
        columns = [_as_text(path, column) for column in frame.get_columns()]
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


def as_times(times: Sequence[str]) -> Values:
    """Times as written, as whole numbers, dates, or dates with a time of day where they are all of such; else as they
    are."""
    for read in (_whole, date.fromisoformat, _local):
        try:
            values = [read(time) for time in times]
        except ValueError:
            continue
        if list(map(str, values)) == list(times):
            return values
    return times


def _whole(time: str) -> int:
    if not (time.isdecimal() and len(time) <= DIGITS):
        raise ValueError
    return int(time)


def _local(time: str) -> datetime:
    moment = datetime.fromisoformat(time)
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
    """The content of a file, unless it has no columns, or its footer says that there are too many cells."""
    rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    width = len(pl.read_parquet_schema(path))
    if not width:
        raise UserError(f"{path} has no columns.")
    if rows * width > MAX_CELLS:
        raise UserError(f"{path} has {rows:,} rows of {width} columns: at most {MAX_CELLS:,} cells can be read.")
    return cast("polars.DataFrame", pl.read_parquet(path, glob=False))


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


def _as_text(path: Path, column: polars.Series) -> list[str]:
    import polars as pl

    kind = column.dtype
    zone = "%:z" if getattr(kind, "time_zone", None) else ""
    formats = {pl.Date: DATE, pl.Datetime: f"{DATE} %H:%M:%S%.f{zone}"}
    plain = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Time, pl.Null)
    form = formats.get(kind.base_type())
    if form is None and not kind.is_numeric() and kind not in plain:
        raise UserError(
            f"{path}, column {column.name}: {kind} is neither numbers, words, dates nor true and false; leave it out."
        )
    texts = column.cast(pl.String).str.strip_chars() if form is None else column.dt.strftime(form)
    return texts.fill_null("").to_list()
