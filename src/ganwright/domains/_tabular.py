"""Opens files of columns, delimited text or Parquet, as text."""

from __future__ import annotations

from pathlib import Path

from ganwright.domains import _parquet, _text
from ganwright.domains._text import Text, TextOptions

PARQUET = _parquet.SUFFIX
SUFFIXES = (*_text.SUFFIXES, PARQUET)


def opened(path: Path, options: TextOptions | None = None) -> Text:
    """The columns of a file by its suffix, see `_text.opened` and `_parquet.opened`."""
    read = _parquet.opened if path.suffix.lower() == PARQUET else _text.opened
    return read(path, options)
