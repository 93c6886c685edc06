"""Says how the columns of a table were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ganwright.core.column import Column
from ganwright.domains._categories import Categories
from ganwright.domains._text import Cells, Text
from ganwright.domains._text_numbers import cells_in_words, converted, listed, missing
from ganwright.domains._times import is_time

OWN_WORDS = 0.9  # share of different words, above which a column may hold names
MANY = 20  # rows, from which such shares say something


def notes_on(text: Text, columns: Mapping[int, tuple[Column, Cells]], left_out: Mapping[int, Cells]) -> list[str]:
    """Notes on the columns that are kept, and on those that are left out."""
    numbers = {index: cells for index, (column, cells) in columns.items() if not column.categories}
    words = [(column, cells) for column, cells in columns.values() if column.categories]
    notes = [f"Numbers: {', '.join(text.names[index] for index in numbers)}."] if numbers else []
    if words:
        notes.append(f"Categories: {', '.join(f'{column.name} ({column.width})' for column, _ in words)}.")
    notes += listed("Missing values", {column.name: missing(cells) for column, cells in columns.values()})
    notes += [*converted(text, numbers, "float64"), *notes_on_words(text, words)]
    return notes + [f"{text.names[index]} is left out: {_why(cells)}." for index, cells in left_out.items()]


def notes_on_words(text: Text, words: Sequence[tuple[Column, Cells]]) -> list[str]:
    """Notes on categorical columns."""
    notes = []
    for heading, say in SENTENCES.items():
        notes += listed(heading, {column.name: say(column, cells) for column, cells in words})
    spellings = {column.name: _spellings(text, column, cells) for column, cells in words}
    return notes + listed("Several spellings of one category", spellings)


def _leading_zeros(column: Column, cells: Cells) -> str:
    return f"such as {cells.codes[0]}" if cells.codes else ""


def _numbers_among_words(column: Column, cells: Cells) -> str:
    return f"{cells.words[0]} and {next(iter(cells.numbers))}" if cells.words and cells.numbers else ""


def _dates(column: Column, cells: Cells) -> str:
    return f"such as {cells.words[0]}" if cells.words and is_time(cells.words[0]) else ""


def _constant(column: Column, cells: Cells) -> str:
    return column.categories[0] if column.width == 1 else ""


def _own_words(column: Column, cells: Cells) -> str:
    rows = cells.counts.total()
    return f"{column.width:,} in {rows:,} rows" if rows >= MANY and column.width > OWN_WORDS * rows else ""


def _case(column: Column, cells: Cells) -> str:
    folded = Counter(word.casefold() for word in column.categories)
    alike = [word for word in column.categories if folded[word.casefold()] > 1]
    return ", ".join(alike[:2])


SENTENCES = {
    "Leading zeros, so categories": _leading_zeros,
    "Numbers among words, so categories": _numbers_among_words,
    "Dates, read as categories": _dates,
    "Different categories that differ in case only": _case,
    "Always the same": _constant,
    "Nearly a word for each row, as names have": _own_words,
}


def _spellings(text: Text, column: Column, cells: Cells) -> str:
    """Cells that are spelled otherwise than their category; missing values are said elsewhere."""
    known = Categories.of(column.categories, text.marks)
    other = {cell: known.code(cell, text.decimal) for cell in cells.counts if cell not in cells.missing}
    found = {cell: column.categories[code] for cell, code in other.items() if code is not None}
    changed = [cell for cell, category in found.items() if cell != category]
    return f"{changed[0]} is {found[changed[0]]}, {cells_in_words(cells.count(changed))}" if changed else ""


def _why(cells: Cells) -> str:
    words = len(cells.counts) - len(cells.missing)
    return f"it has {words:,} distinct words" if words else "it is empty"
