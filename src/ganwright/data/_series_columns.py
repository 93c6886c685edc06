"""Decides what the columns of a text of series hold: numbers or categories, over time or of whole series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.data._column_kinds import MAX_CATEGORIES, is_categorical, is_flag
from ganwright.data._series_options import SeriesOptions
from ganwright.data._table_notes import notes_on_words
from ganwright.domains._categories import grouped
from ganwright.domains._steps import Roles, Steps
from ganwright.domains._text import Text
from ganwright.domains._text_numbers import converted, listed, missing
from ganwright.domains._text_series import check_static, codes_of, is_static, numbers_of_feature

EMPTY = ": it is empty"


@dataclass(frozen=True)
class SeriesColumns:
    """The columns by their places in the text: features, static features, and those of these that are conditions.

    `values` are numbers and codes [lines] in the order of the text's lines; `categories` those of categorical columns.
    """

    features: tuple[int, ...]
    static: tuple[int, ...]
    conditions: tuple[int, ...]
    values: dict[int, NDArray[np.float64]]
    categories: dict[int, tuple[str, ...]]
    notes: tuple[str, ...]


def described(text: Text, roles: Roles, steps: Steps, options: SeriesOptions, chosen: Sequence[str]) -> SeriesColumns:
    """The kinds of all columns but keys and times; those of `chosen` names are categorical.

    Raises UserError, which names the line of a cell that does not fit, and if no feature is left.
    """
    columns = [index for index in range(len(text.names)) if index not in roles.others]
    named = {*(options.static or ()), *options.conditions, *chosen}
    left_out = {index: why for index in columns if (why := _why_left_out(text, index, chosen))}
    for index, why in left_out.items():
        if text.names[index] in named:
            raise UserError(f"{text.path}: column {text.names[index]} cannot be used{why}.")
    kept = [index for index in columns if index not in left_out]
    categories = {index: _categories(text, index) for index in kept if _is_categorical(text, index, chosen)}
    values = {
        index: codes_of(text, index, Column(text.names[index], categories[index]))
        if index in categories
        else numbers_of_feature(text, index)
        for index in kept
    }
    static = _static(text, roles, steps, options, values)
    conditions = tuple(text.names.index(name) for name in options.conditions)
    features = tuple(index for index in kept if index not in static)
    if not features:
        besides = "key, times and static columns" if roles.key is not None else "times"
        raise UserError(f"{text.path} has no columns besides its {besides}: there is nothing that changes over time.")
    notes = _notes(text, categories, static, conditions, kept, features)
    notes += [f"{text.names[index]} is left out{why}." for index, why in left_out.items()]
    generated = tuple(index for index in static if index not in conditions)
    return SeriesColumns(features, generated, conditions, values, categories, tuple(notes))


def _why_left_out(text: Text, index: int, chosen: Sequence[str]) -> str:
    """Why a column cannot be used, or an empty string."""
    cells = text.cells(index)
    if cells.missing.total() == len(text):
        return EMPTY
    if not _is_categorical(text, index, chosen):
        return ""
    count = len(_categories(text, index))
    return f": it has {count:,} distinct words, over {MAX_CATEGORIES:,}" if count > MAX_CATEGORIES else ""


def _is_categorical(text: Text, index: int, chosen: Sequence[str]) -> bool:
    """As in a table, but of two integers and missing values, which are a gap among numbers."""
    cells = text.cells(index)
    gap = is_flag(cells) and bool(cells.missing)
    return text.names[index] in chosen or (is_categorical(cells) and not gap)


def _categories(text: Text, index: int) -> tuple[str, ...]:
    return tuple(grouped(text.cells(index).counts, text.decimal, text.marks))


def _static(
    text: Text, roles: Roles, steps: Steps, options: SeriesOptions, values: dict[int, NDArray[np.float64]]
) -> tuple[int, ...]:
    """The columns with one value for each key: those that are named, or all that differ between keys."""
    if roles.key is None:
        return ()
    named = {text.names.index(name) for name in (*(options.static or ()), *options.conditions)}
    for index in sorted(named):
        check_static(text, index, values[index], steps, text.names[roles.key])
    if options.static is not None:
        return tuple(sorted(named))
    found = {index for index, of in values.items() if is_static(of, steps) and (of != of[0]).any()}
    return tuple(sorted(named | found))


def _notes(
    text: Text,
    categories: dict[int, tuple[str, ...]],
    static: Iterable[int],
    conditions: Iterable[int],
    kept: Sequence[int],
    features: Sequence[int],
) -> list[str]:
    words = {index: (Column(text.names[index], known), text.cells(index)) for index, known in categories.items()}
    numbers = {index: text.cells(index) for index in kept if index not in categories}
    generated = [index for index in static if index not in [*conditions]]
    notes = [f"Features: {_names(text, features)}."]
    notes += [f"Static, with one value for each series: {_names(text, generated)}."] if generated else []
    notes += [f"Conditions, with one value for each series: {_names(text, conditions)}."] if [*conditions] else []
    if words:
        notes.append(f"Categories: {', '.join(f'{column.name} ({column.width})' for column, _ in words.values())}.")
    notes += listed("Missing values, a category", {column.name: missing(cells) for column, cells in words.values()})
    flags = {column.name: " and ".join(column.categories) for column, cells in words.values() if is_flag(cells)}
    notes += listed("Two whole numbers, so categories", flags)
    return [*notes, *notes_on_words(text, [*words.values()]), *converted(text, numbers, "float32")]


def _names(text: Text, columns: Iterable[int]) -> str:
    return ", ".join(text.names[index] for index in columns)
