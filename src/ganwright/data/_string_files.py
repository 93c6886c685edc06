"""Reads files of strings: their pieces, with classes and parts, and how each file was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganwright.core.errors import UserError
from ganwright.core.files import walk
from ganwright.data._layout import part_of
from ganwright.data._notes import counted, printable, such_as
from ganwright.data._string_options import StringOptions, is_text_file
from ganwright.domains import _string_columns
from ganwright.domains._lines import (
    AUTO,
    FASTA,
    FORMS,
    NOUNS,
    Form,
    Piece,
    decoded,
    form_of,
    lines,
    paragraphs,
    records,
    without_blank,
)


@dataclass(frozen=True)
class Found:
    """The pieces of a file, or of all files of a folder, and how they were read; `parted` says whether files of the
    folder are the parts."""

    pieces: Sequence[Piece]
    form: Form
    name: str
    where: str
    notes: tuple[str, ...]
    parted: bool = False

    @property
    def noun(self) -> str:
        """What one piece is."""
        return NOUNS[self.form]


def read(path: Path, options: StringOptions) -> Found:
    """The pieces of a file, or of the text files that lie in a folder: their names are the classes, or the parts."""
    return _folder(path, options) if path.is_dir() else _file(path, options)


def _file(path: Path, options: StringOptions) -> Found:
    """Raises UserError, which names the line, for what is no text, and for an option that does not fit the file."""
    suffix, text = path.suffix.lower(), options.text
    columns = suffix in _string_columns.SUFFIXES
    if columns and text in (AUTO, *FORMS):
        raise UserError(f"{path} has columns: name that of the texts with --text COLUMN.")
    if not columns and text not in (AUTO, *FORMS):
        raise UserError(f"{path} has no columns: --text is lines or paragraphs, not {text!r}.")
    if suffix in FASTA and text != AUTO:
        raise UserError(f"{path} is FASTA, and each record is a sample: leave --text out.")
    found = decoded(path)
    how = f"{printable(path.name)} is read as {found.encoding}"
    if columns:
        pieces, label = _string_columns.pieces(path, found, (text,), "name the column of the texts with --text")
        classes = f", classes from column {label}" if label else ""
        return Found(pieces, "lines", printable(path.stem), str(path), (f"{how}, texts from column {text}{classes}.",))
    if suffix in FASTA:
        pieces, comments = records(found.text, path)
        dropped = f"{counted(len(pieces), 'header line')}" + f" and {counted(comments, 'comment')}" * bool(comments)
        return Found(pieces, "fasta", printable(path.stem), str(path), (f"{how}, FASTA; left out: {dropped}.",))
    content, blank = without_blank(found.text)
    form: Form = "paragraphs" if text == FORMS[1] else "lines" if text == FORMS[0] else form_of(content)
    pieces = paragraphs(content) if form == "paragraphs" else lines(content)
    notes = (f"{how}.", *_blank(content, form, blank), *_assumed(form, text))
    return Found(pieces, form, printable(path.stem), str(path), notes)


def _blank(content: str, form: Form, blank: int) -> Iterator[str]:
    """Notes on empty lines within the text, and on those of white space only."""
    empty = content.strip("\n").split("\n").count("")
    if form == "lines" and empty:
        yield f"Left out: {counted(empty, 'empty line')}."
    if blank:
        yield f"{counted(blank, 'line')} of nothing but white space {'is' if blank == 1 else 'are'} read as empty."


def _assumed(form: Form, text: str) -> Iterator[str]:
    """A note where paragraphs are samples because of empty lines."""
    if form == "paragraphs" and text == AUTO:
        yield "Most of what lies between empty lines has several lines: paragraphs are samples; else say --text lines."


def _folder(path: Path, options: StringOptions) -> Found:
    """Raises UserError where files are of several kinds."""
    files = sorted(file for file in path.iterdir() if is_text_file(file))
    parts = [part_of(file.stem) for file in files]
    parted = None not in parts and "train" in parts and len(set(parts)) == len(parts) > 1
    found = [_file(file, options) for file in files]
    forms = {one.form for one in found}
    if len(forms) > 1:
        kinds = ", ".join(f"{NOUNS[one.form]}s in {file.name}" for file, one in zip(files, found, strict=True))
        raise UserError(f"{path} holds files of several kinds ({printable(kinds)}): say --text lines or paragraphs.")
    test = "test" if "test" in parts else "validation"
    read = [part in ("train", test) for part in parts] if parted else [True] * len(files)
    classes = len(files) > 1 and not parted
    pieces = [
        replaced
        for file, part, one, chosen in zip(files, parts, found, read, strict=True)
        for replaced in _labelled(one, file, classes, parted and part == test)
        if chosen
    ]
    notes = [note for one, chosen in zip(found, read, strict=True) if chosen for note in one.notes]
    empty = [file for file, one in zip(files, found, strict=True) if not one.pieces]
    notes += _about(path, files, read, classes, empty)
    name = printable(path.absolute().name)
    return Found(pieces, forms.pop(), name, str(path), tuple(dict.fromkeys(notes)), parted)


def _labelled(found: Found, file: Path, classes: bool, held_out: bool) -> Iterator[Piece]:
    """The pieces of a file of a folder."""
    name = printable(file.name)
    for piece in found.pieces:
        yield piece._replace(label=printable(file.stem) if classes else None, file=name, held_out=held_out)


def _about(
    path: Path, files: Sequence[Path], read: Sequence[bool], classes: bool, empty: Sequence[Path]
) -> Iterator[str]:
    """Notes on what the names of files stand for, on empty files, and on files that are not read."""
    if classes:
        yield "The names of the files are the classes."
        yield from (f"{printable(file.name)} is empty: there is no class {printable(file.stem)}." for file in empty)
    not_read = [file.name for file, chosen in zip(files, read, strict=True) if not chosen]
    if not_read:
        yield f"Not read: {printable(', '.join(not_read))}."
    others = sorted({name for name, *_ in walk(path)} - {file.name for file in files})
    if others:
        yield f"Left out: {counted(len(others), 'other file')}{such_as(others)}."
