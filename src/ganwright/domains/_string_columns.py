"""A column of strings in delimited text, where cells are kept as they are, with a column of classes beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from ganwright.core.errors import UserError, nearest
from ganwright.domains._lines import Decoded, Piece
from ganwright.domains._text_points import label_column

SUFFIXES = (".csv", ".tsv")
SEPARATORS = {".csv": ",;|\t", ".tsv": "\t"}
COLUMN, CLASS = "text", "condition"  # of samples
SAVED = "call the column of the texts so, or save them as .txt"


def pieces(path: Path, found: Decoded, columns: Sequence[str], hint: str = SAVED) -> tuple[list[Piece], str | None]:
    """The cells of the first of `columns` that there is, unless empty, and the name of the column of classes, if any.

    The first line is the header, and shows the separator. Raises UserError, which names the line, for a missing column,
    for a row of another width, and for an empty class; `hint` says what to do about a missing column.
    """
    separator, column = _separator(path, found.text.split("\n", 1)[0], columns, hint)
    reader = csv.reader(io.StringIO(found.text, newline="\n"), delimiter=separator, strict=True)
    kept: list[Piece] = []
    try:
        names = next(reader)
        place, label = names.index(column), label_column(names)
        label = None if label == place else label
        end = reader.line_num
        for row in reader:
            line, end = end + 1, reader.line_num
            if not row:
                continue
            if len(row) != len(names):
                raise UserError(f"{path}, line {line}: {len(row)} cells, expected {len(names)}.")
            if label is not None and not row[label].strip():
                raise UserError(f"{path}, line {line}: the cell of the class, in column {names[label]}, is empty.")
            if row[place]:
                kept.append(Piece(line, row[place], None if label is None else row[label].strip()))
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: {error}.") from None
    return kept, None if label is None else names[label]


def write(path: Path, texts: Sequence[str], conditions: Sequence[str] | None) -> None:
    """Writes strings under a header, with their conditions in a second column if there are any."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([COLUMN] if conditions is None else [COLUMN, CLASS])
        writer.writerows([text] if conditions is None else [text, of] for text, of in _pairs(texts, conditions))


def _pairs(texts: Sequence[str], conditions: Sequence[str] | None) -> list[tuple[str, str]]:
    return list(zip(texts, texts if conditions is None else map(str, conditions), strict=True))


def _separator(path: Path, first: str, columns: Sequence[str], hint: str) -> tuple[str, str]:
    """The separator of a header that holds one of the columns, and the first that it holds."""
    cut = {separator: _cells(first, separator) for separator in SEPARATORS[path.suffix.lower()]}
    for column in columns:
        for separator, names in cut.items():
            if column in names:
                return separator, column
    names, wanted = max(cut.values(), key=len), columns[0]
    there = ", ".join(names) or "no header"
    raise UserError(f"{path} has no column {wanted!r}, but {there}: {hint}.{nearest(wanted, names)}")


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []
