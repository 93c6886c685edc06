"""Reads text files as pieces with their line numbers: lines, paragraphs, or the records of FASTA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from ganwright.core.errors import UserError
from ganwright.domains._encoding import CONTROLS, MARKS

Form = Literal["lines", "paragraphs", "fasta"]

FASTA = (".fasta", ".fa", ".faa", ".fna", ".ffn")
MAX_BYTES = 1 << 28  # of a file
REFUSED = bytes([*CONTROLS, 0x1A])
MOST_LINES = 40  # of a typical paragraph
WIDTH = 60  # symbols in a line of FASTA
AUTO, FORMS = "auto", ("lines", "paragraphs")  # values of --text that are no column
NOUNS: dict[Form, str] = {"lines": "line", "paragraphs": "paragraph", "fasta": "record"}


class Piece(NamedTuple):
    """A sample of a file, and the line where it begins, counted from 1.

    `label` is its class, if there are classes. Where a folder holds several files, `file` is the name of its own, and
    `held_out` says whether that is the test part.
    """

    line: int
    text: str
    label: str | None = None
    file: str = ""
    held_out: bool = False


class Decoded(NamedTuple):
    """A text with line feeds between its lines, and the name of its encoding."""

    text: str
    encoding: str


def decoded(path: Path) -> Decoded:
    """A file in UTF-8, or with a byte order mark in UTF-16 or UTF-32; carriage returns become line feeds.

    Raises UserError, which names the line, for a byte that is no text, and for a file over MAX_BYTES.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UserError(f"{path} has {size:,} bytes, and texts are read up to {MAX_BYTES:,}: choose a part of it.")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}).") from None
    mark, encoding = next(((one, name) for one, name in MARKS.items() if content.startswith(one)), (b"", "utf-8"))
    if encoding in ("utf-8", "utf-8-sig"):
        _refuse_controls(path, content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding not in ("utf-8", "utf-8-sig"):
            raise UserError(f"{path} is damaged: it has a mark of {encoding.upper()} and is none.") from None
        place = error.start + (len(mark) if encoding == "utf-8-sig" else 0)
        raise UserError(
            f"{path}, line {_line(content, place)}: the byte 0x{content[place]:02x} is no UTF-8: save the file "
            "as UTF-8."
        ) from None
    name = f"{encoding.removesuffix('-sig').upper()}{' with a byte order mark' * bool(mark)}"
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), name)


def lines(text: str) -> list[Piece]:
    """The lines that are not empty."""
    return [Piece(number, line) for number, line in enumerate(text.split("\n"), 1) if line]


def paragraphs(text: str) -> list[Piece]:
    """Successive lines that are not empty, with line feeds between them."""
    found = []
    for empty, group in groupby(enumerate(text.split("\n"), 1), key=lambda one: not one[1]):
        if not empty:
            block = list(group)
            found.append(Piece(block[0][0], "\n".join(line for _, line in block)))
    return found


def form_of(text: str) -> Form:
    """Paragraphs if at least half of those between empty lines have 2 to MOST_LINES lines, else lines."""
    heights = [piece.text.count("\n") + 1 for piece in paragraphs(text)]
    several = sum(2 <= height <= MOST_LINES for height in heights)
    return "paragraphs" if len(heights) > 1 and 2 * several >= len(heights) else "lines"


def without_blank(text: str) -> tuple[str, int]:
    """The text with lines of nothing but white space made empty, and their number."""
    found = text.split("\n")
    blank = sum(bool(line) and not line.strip() for line in found)
    return ("\n".join(line if line.strip() else "" for line in found) if blank else text), blank


def records(text: str, path: Path) -> tuple[list[Piece], int]:
    """The sequences of FASTA, without white space, and the number of comment lines, which begin with ;.

    Raises UserError, which names the line, for a sequence before the first header and for a header without one.
    """
    found: list[tuple[int, list[str]]] = []
    comments = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(";"):
            comments += 1
        elif line.startswith(">"):
            _refuse_without_sequence(found, path)
            found.append((number, []))
        elif line.strip():
            if not found:
                raise UserError(f"{path}, line {number}: FASTA begins with a header line, which starts with >.")
            found[-1][1].append("".join(line.split()))
    _refuse_without_sequence(found, path)
    return [Piece(number, "".join(parts)) for number, parts in found], comments


def as_records(texts: Sequence[str]) -> Iterator[str]:
    """The lines of FASTA for sequences, which are called by their numbers."""
    for place, text in enumerate(texts):
        yield f">{place}"
        yield from (text[start : start + WIDTH] for start in range(0, len(text), WIDTH))


def _refuse_without_sequence(found: Sequence[tuple[int, list[str]]], path: Path) -> None:
    if found and not found[-1][1]:
        raise UserError(f"{path}, line {found[-1][0]}: the header has no sequence below it.")


def _refuse_controls(path: Path, content: bytes) -> None:
    """A UserError for control characters, which no text has."""
    if len(content.translate(None, REFUSED)) == len(content):
        return
    place = next(index for index, code in enumerate(content) if code in REFUSED)
    raise UserError(
        f"{path}, line {_line(content, place)}: the byte 0x{content[place]:02x} is not of a text; is the file binary?"
    )


def _line(content: bytes, place: int) -> int:
    """The number of the line of a byte, where lines end with LF, CRLF or CR."""
    before = content[:place]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
