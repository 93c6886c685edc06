"""Finds a word's category: by the word, by its value as a number, as a missing value, or without regard to case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ganwright.domains._numbers import Decimal, Marks, is_code, number

Key = tuple[float, str] | str


@dataclass(frozen=True)
class Categories:
    """The codes 0, 1, ... of categories by their words, and by what else stands for the same category.

    Numbers compare by value, so that 1.0 is 1, unless leading zeros show that they are codes. All missing values are
    one category.
    """

    words: Mapping[str, int]
    alike: Mapping[Key, int]
    marks: Marks

    @classmethod
    def of(cls, categories: Sequence[str], marks: Marks) -> Categories:
        keys = [_keys(word, "point", marks, any(map(is_code, categories))) for word in categories]
        counts = Counter(key for found in keys for key in found)
        alike = {key: code for code, found in enumerate(keys) for key in found if counts[key] == 1}
        return cls({word: code for code, word in enumerate(categories)}, alike, marks)

    def code(self, cell: str, decimal: Decimal) -> int | None:
        """The code of a cell; None if it is no category. A dot after a known word is ignored."""
        for word in (cell, cell.removesuffix(".")):
            if word in self.words:
                return self.words[word]
        codes = [self.alike[key] for key in _keys(cell, decimal, self.marks, False) if key in self.alike]
        return codes[0] if codes else None


def grouped(cells: Mapping[str, int], decimal: Decimal, marks: Marks) -> list[str]:
    """The categories of a column whose cells have these counts: the most frequent spelling of each, sorted.

    Numbers come first, by value; they are written with a decimal point.
    """
    has_codes = any(map(is_code, cells))
    groups: dict[Key, list[str]] = {}
    for cell in cells:
        groups.setdefault(_group(cell, decimal, marks, has_codes), []).append(cell)
    names = {key: max(spellings, key=lambda cell: cells[cell]) for key, spellings in groups.items()}
    if decimal == "comma":
        names = {key: name if isinstance(key, str) else f"{key[0]:.15g}{key[1]}" for key, name in names.items()}
    return [names[key] for key in sorted(names, key=lambda key: _order(key, names[key]))]


def _group(cell: str, decimal: Decimal, marks: Marks, has_codes: bool) -> Key:
    """What cells of one category have in common."""
    if marks.has(cell):
        return "missing: "
    value = None if has_codes else number(cell, decimal)
    return f"word: {cell}" if value is None else (value.value, value.unit)


def _keys(cell: str, decimal: Decimal, marks: Marks, has_codes: bool) -> list[Key]:
    """By which a cell that is not spelled as a category can be one."""
    key = _group(cell, decimal, marks, has_codes)
    return [key] if not isinstance(key, str) or marks.has(cell) else [f"case: {cell.casefold()}"]


def _order(key: Key, name: str) -> tuple[bool, float, str]:
    return (True, 0.0, name) if isinstance(key, str) else (False, key[0], name)
