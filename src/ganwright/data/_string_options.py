"""The loader options of strings, and which files and folders are read as strings."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ganwright.core.choices import at_least, check
from ganwright.core.errors import UserError
from ganwright.core.files import hidden, walk
from ganwright.domains._encoding import encoding_of
from ganwright.domains._lines import AUTO, FASTA
from ganwright.domains._numbers import number
from ganwright.domains._pictures import is_picture
from ganwright.domains._string_columns import SUFFIXES as COLUMNS
from ganwright.domains._symbols import Symbols
from ganwright.domains.strings import TXT

SAMPLE = 1_000  # lines that are looked at
CELLS = re.compile(r"[\s,;|]+")
SEPARATORS = ",;|\t"
TEST_SHARE = 0.2


@dataclass(frozen=True)
class StringOptions:
    """See `_files.load`."""

    text: str = AUTO
    symbols: Symbols | None = None
    alphabet: str | None = None
    max_length: int | None = None

    def check(self) -> None:
        """Raises UserError for values that an option does not take."""
        if self.symbols is not None:
            check("symbols", self.symbols, Symbols)
        if not self.text or self.alphabet == "":
            raise UserError(f"--{'alphabet' if self.text else 'text'} is empty: leave it out.")
        at_least("max_length", 1 if self.max_length is None else self.max_length, 1)

    @property
    def kind(self) -> Symbols:
        default: Symbols = get_args(Symbols)[0]
        return self.symbols or default


def holds_strings(path: Path, strings: bool, columns: bool) -> bool:
    """Whether a path is read as strings, where options that strings alone, or columns alone, have may be given.

    These are FASTA, a .txt whose lines hold no numbers, a folder of such files without pictures, and every .txt, .csv
    or .tsv where options of strings are given. Raises UserError where a .txt may be lines or columns.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return _is_folder(path)
    if suffix not in (TXT, *COLUMNS, *FASTA):
        return False
    return strings or suffix in FASTA or (suffix == TXT and not columns and _is_text(path))


def _is_folder(path: Path) -> bool:
    """Whether a folder holds text files, and neither pictures, sound nor archives anywhere."""
    try:
        if not any(is_text_file(file) for file in path.iterdir()):
            return False
    except OSError:  # whoever reads it says why
        return False
    names = [name for name, *_ in walk(path) if not hidden(name.split("/"))]
    return not any(is_picture(name) or name.lower().endswith((".tar", ".zip", ".wav")) for name in names)


def is_text_file(path: Path) -> bool:
    """Whether a file in a folder holds strings: .txt or FASTA, and not hidden."""
    return path.suffix.lower() in (TXT, *FASTA) and path.is_file() and not hidden([path.name])


def _is_text(path: Path) -> bool:
    """Whether the lines of a .txt hold no numbers; the first line may be a header."""
    lines = _first_lines(path)
    below = lines[1:] or lines
    numbers = [place for place, line in enumerate(below) if _has_number(line)]
    if below and 2 * len(numbers) >= len(below):
        return False
    say = "say --text lines or --text paragraphs, or --table for columns"
    if numbers:
        raise UserError(f"{path} has numbers in some of its lines, such as {below[numbers[0]][:60]!r}: {say}.")
    for separator in SEPARATORS:
        widths = Counter(line.count(separator) for line in lines)
        if len(lines) > 1 and len(widths) == 1 and 0 not in widths:
            raise UserError(f"{path} has as many {separator!r} in every line, as columns have: {say}.")
    return True


def _first_lines(path: Path) -> list[str]:
    try:
        with path.open(encoding=encoding_of(path)) as file:
            found = [line.strip() for line, _ in zip(file, range(SAMPLE), strict=False)]
    except (OSError, UnicodeError) as error:
        raise UserError(f"{path} cannot be read ({error}).") from None
    return [line for line in found if line]


def _has_number(line: str) -> bool:
    return any(number(cell) is not None and not cell.isalpha() for cell in CELLS.split(line) if cell)
