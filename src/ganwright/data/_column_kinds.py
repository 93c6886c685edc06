"""Decides whether a column of a text holds numbers or categories."""

from __future__ import annotations

import numpy as np

from ganwright.core.column import Column
from ganwright.domains._categories import grouped
from ganwright.domains._text import Cells, Text
from ganwright.domains._text_numbers import numbers_of

MAX_CATEGORIES = 1000  # a column with more distinct words is a name or a key, and left out
FEW, RECURRING = 20, 10  # a column of numbers and words is categorical if it has few values that recur
HINT = "; other cells of the column are numbers: mend it, add it to --missing, or name the column in --categories"


def as_column(text: Text, index: int, cells: Cells, chosen: bool) -> Column | None:
    """A column that is `chosen` to be categorical, of words, of numbers with leading zeros, or of one of two integers
    has categories; missing values are one of them. Others hold numbers, of which some may be missing. None for a column
    without content.

    Of a column of both, it depends on what there is more of, and on whether its values recur. Raises UserError, which
    names the line of the first word among numbers, or of an infinite number.
    """
    name = text.names[index]
    if cells.missing.total() == len(text):
        return None
    if chosen or is_categorical(cells):
        return Column(name, tuple(grouped(cells.counts, text.decimal, text.marks)))
    values = numbers_of(text, index, cells, HINT)
    column = Column.of_numbers(name, values, cells.mark)
    if not np.isfinite([column.shift, column.scale]).all():
        largest = max(cells.numbers, key=lambda cell: abs(cells.numbers[cell].value))
        raise text.error_of(largest, index, f"{largest!r} is too large: the column's variance is no finite number")
    return column


def is_categorical(cells: Cells) -> bool:
    """Whether a column holds words, numbers with leading zeros, or one of two integers."""
    return bool(cells.codes) or is_flag(cells) or of_words(cells)


def of_words(cells: Cells) -> bool:
    """Whether there are only words, more words than numbers, or few values that recur."""
    words, numbers = cells.count(cells.words), cells.count(cells.numbers)
    few = len(cells.counts) <= FEW and len(cells.counts) * RECURRING <= words + numbers
    return words > 0 and (words > numbers or few)


def is_flag(cells: Cells) -> bool:
    """Whether the cells are one of two integers without a sign, such as 0 and 1."""
    values = {value.value for value in cells.numbers.values()}
    plain = not cells.words and not any(value.unit for value in cells.numbers.values())
    return plain and len(values) == 2 and all(value.is_integer() for value in values)
