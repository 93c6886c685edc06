"""Reads the classes of pictures from a file beside them.

These are StyleGAN's dataset.json, and the metadata.csv or .jsonl of Hugging Face's imagefolder.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from ganwright.core.errors import UserError, nearest
from ganwright.core.files import hidden
from ganwright.data._layout import TOLERATED, Classes, class_name
from ganwright.data._notes import counted, listed, printable

LABEL = "label"  # the column that is read if no other is named
FILE = "file_name"
MAX_SIZE = 1 << 28  # bytes of such a file

Words = dict[str, str]  # name of a picture relative to the file -> its class
Reader = Callable[[bytes, str, str], Words | None]


@dataclass(frozen=True)
class FileLabels:
    """The class of each picture by its name, "" for one without; `files` are those that were read."""

    words: Mapping[str, str]
    files: tuple[str, ...]
    notes: tuple[str, ...]


def is_column(classes: str) -> bool:
    """Whether the option `classes` names a column."""
    return classes not in get_args(Classes)


def labels(
    names: Sequence[str], others: Mapping[str, int], read: Callable[[str], bytes], classes: str, where: str
) -> FileLabels:
    """The classes by the files among `others` (names and sizes); without `files` there are none.

    A file describes the pictures in its folder and below. Raises UserError if one is damaged, names no column for the
    classes, or two lie in one folder.
    """
    if classes in ("folders", "none"):
        return FileLabels({}, (), ())
    found: dict[str, tuple[str, Words]] = {}
    notes: list[str] = []
    for name in sorted(others):
        folder, _, file = name.rpartition("/")
        reader = READERS.get(file.lower())
        if reader is None or hidden(name.split("/")):
            continue
        at = printable(f"{where}/{name}")
        if others[name] > MAX_SIZE:
            raise UserError(f"{at} has {others[name]:,} bytes, too many for a file of labels; try --classes folders.")
        try:
            content = read(name)
        except OSError as error:
            raise UserError(f"{at} cannot be read ({error}).") from None
        words = reader(content, at, classes)
        if words is None:
            notes.append(f"{printable(name)} holds no labels in StyleGAN's form and is ignored.")
        elif folder in found:
            raise UserError(f"{at} and {printable(found[folder][0])} both describe the pictures: keep one of them.")
        else:
            found[folder] = name, words
    if not found:
        if is_column(classes):
            raise UserError(
                f"--classes {classes} names a column, and {printable(where)} has no metadata.csv or .jsonl: use auto, "
                "folders or none."
            )
        return FileLabels({}, (), tuple(notes))
    return _assigned(names, found, notes)


def _assigned(names: Sequence[str], found: Mapping[str, tuple[str, Words]], notes: list[str]) -> FileLabels:
    words: dict[str, str] = {}
    used: dict[str, int] = dict.fromkeys(found, 0)
    for name in names:
        above = name.rpartition("/")[0]
        while above not in found and above:
            above = above.rpartition("/")[0]
        if above not in found:
            continue
        word = found[above][1].get(name.removeprefix(f"{above}/") if above else name)
        used[above] += word is not None
        words[name] = word or ""
    for folder, (name, known) in found.items():
        has = any(known.values())
        notes.append(f"Classes are read from {printable(name)}." if has else f"{printable(name)} gives no classes.")
        missing = len(known) - used[folder]
        if missing:
            notes.append(f"{printable(name)} describes {counted(missing, 'picture')} that {_is(missing)} not there.")
    return FileLabels(words, tuple(name for name, _ in found.values()), tuple(notes))


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def encoded(words: Sequence[str], names: Sequence[str], where: str) -> tuple[np.ndarray, list[int], tuple[str, ...]]:
    """The class of each picture int64, -1 for one without; those without; and the names of the classes, in the order
    of numbers if all are numbers.

    Raises UserError if over 1 % have none.
    """
    known = sorted({word for word in words if word})
    if all(map(is_integer, known)):
        known.sort(key=int)
    without = [index for index, word in enumerate(words) if not word]
    if known and len(without) > TOLERATED * len(words):
        raise UserError(
            f"{printable(where)} has {counted(len(without), 'picture')} of {len(words):,} without a label: "
            f"{listed([names[index] for index in without])}; --classes none reads all without classes."
        )
    places = {word: place for place, word in enumerate(known)} | {"": -1}
    return np.array([places[word] for word in words], dtype=np.int64), without if known else [], tuple(known)


def is_integer(word: str) -> bool:
    return word.removeprefix("-").isdecimal()


def word_of(value: Any, where: str) -> str:
    """A label as the name of a class; whole numbers are equal however they are written, but for leading zeros."""
    if value is None or value == "":
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (str, int, float)):
        word = class_name(str(value)).strip()
        whole, dot, zeros = word.partition(".")
        return whole if dot and is_integer(whole) and zeros.strip("0") == "" and zeros else word
    raise UserError(f"{where} is a {'list' if isinstance(value, list) else 'mapping'}, not the name of a class.")


def _of_stylegan(content: bytes, where: str, classes: str) -> Words | None:
    """Of `{"labels": [[name, label], ...]}`; null stands for pictures without labels, and None for another file."""
    found = _json(content, where)
    if not isinstance(found, dict) or "labels" not in found:
        return None
    if is_column(classes) and classes != "labels":
        raise UserError(f"{where} has no columns: omit --classes {classes}.")
    pairs = found["labels"]
    if pairs is None:
        return {}
    if isinstance(pairs, dict):
        pairs = [*pairs.items()]
    words: Words = {}
    for place, pair in enumerate(pairs if isinstance(pairs, list) else [None]):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not isinstance(pair[0], str):
            raise UserError(f"{where}: entry {place} of labels should be [name, label]; or use --classes folders.")
        _add(words, pair[0].replace("\\", "/"), word_of(_one_hot(pair[1]), f"{where}: the label of {pair[0]}"), where)
    return words


def _one_hot(label: Any) -> Any:
    """The place of the 1 in a label that is a list of zeros and a single 1, or the label."""
    if isinstance(label, list) and label.count(1) == 1 and label.count(0) == len(label) - 1:
        return label.index(1)
    return label


def _of_csv(content: bytes, where: str, classes: str) -> Words:
    try:
        lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        names, rows = lines.fieldnames or [], [*lines]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{where} cannot be read as a table with commas ({error}).") from None
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError(f"{where} has two columns {twice[0]}: rename one.")
    ragged = next((place for place, row in enumerate(rows) if None in row or None in row.values()), None)
    if ragged is not None:
        raise UserError(f"{where}: row {ragged + 1:,} has more or fewer cells than the header.")
    return _of_rows(rows, names, where, classes)


def _of_jsonl(content: bytes, where: str, classes: str) -> Words:
    rows = [
        _json(line, f"{where}, line {place + 1}") for place, line in enumerate(content.splitlines()) if line.strip()
    ]
    broken = next((place for place, row in enumerate(rows) if not isinstance(row, dict)), None)
    if broken is not None:
        raise UserError(f"{where}: row {broken + 1:,} is no object with the key {FILE}.")
    return _of_rows(rows, [*dict.fromkeys(name for row in rows for name in row)], where, classes)


def _of_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], where: str, classes: str) -> Words:
    if FILE not in columns:
        raise UserError(f"{where} has no column {FILE} (its columns are {listed(columns)}); or use --classes folders.")
    column = classes if is_column(classes) else LABEL
    others = [name for name in columns if name != FILE]
    if column not in others and (others or is_column(classes)):
        raise UserError(
            f"{where} has no column {column} (its columns are {listed(others)}): choose that of the classes by "
            f"--classes COLUMN, or --classes folders or none.{nearest(column, others)}"
        )
    words: Words = {}
    for place, row in enumerate(rows):
        name = row.get(FILE)
        if not isinstance(name, str):
            raise UserError(f"{where}: row {place + 1:,} has no {FILE}.")
        word = word_of(row.get(column), f"{where}: the {column} of {printable(name)}")
        _add(words, name.replace("\\", "/").removeprefix("./"), word, where)
    return words


def _add(words: Words, name: str, word: str, where: str) -> None:
    if words.setdefault(name, word) != word:
        raise UserError(f"{where} gives {printable(name)} two classes, {words[name]} and {word}.")


def _of_parquet(content: bytes, where: str, classes: str) -> Words:
    raise UserError(f"{where} is not read: save it as metadata.csv, or use --classes folders or none.")


def _json(content: bytes, where: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where} is not JSON ({type(error).__name__}); or use --classes folders.") from None


READERS: Mapping[str, Reader] = {
    "dataset.json": _of_stylegan,
    "metadata.csv": _of_csv,
    "metadata.jsonl": _of_jsonl,
    "metadata.parquet": _of_parquet,
}
