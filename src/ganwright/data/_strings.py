"""Loads strings from text files: lines, paragraphs, FASTA, a column of a .csv, or a folder of text files."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ganwright.core.choices import Split, check
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.errors import MissingPartError, UserError
from ganwright.data import _columns
from ganwright.data._kind import Chosen, Kind
from ganwright.data._notes import counted, listed, printable
from ganwright.data._string_files import Found, read
from ganwright.data._string_options import TEST_SHARE, StringOptions, holds_strings
from ganwright.domains._lines import Piece
from ganwright.domains._symbols import BREAK, coded, cut
from ganwright.domains.strings import MAX_SYMBOLS, Strings

OWN = ("text", "symbols", "alphabet", "max_length")  # options that no other kind has
LONGEST = 256  # symbols, by default
MAX_ENCODED = 1 << 17  # numbers of an encoded string
SHOWN = 60  # symbols named in a note


@dataclass(frozen=True)
class Selection:
    """The pieces that are samples, their symbols, and notes on those that are not."""

    pieces: Sequence[Piece]
    strings: Sequence[Sequence[str]]
    notes: tuple[str, ...]


def claims(chosen: Chosen) -> bool:
    """Whether a file or folder is read as strings, see `holds_strings`."""
    strings, columns = (chosen.names & {*options} for options in (OWN, _columns.OWN))
    return holds_strings(chosen.path, bool(strings), bool(columns))


def load_chosen(chosen: Chosen) -> Data:
    """See `load`; of the classes there are only all, or none."""
    options, share, classes = chosen.among(StringOptions), chosen.options["test_share"], chosen.options["classes"]
    options.check()
    check("classes (of strings)", classes, Literal["auto", "none"])
    split = chosen.one_of_parts("train", "test")
    return load(chosen.path, options, TEST_SHARE if share is None else share, split, classes != "none")


def load(path: Path, options: StringOptions, share: float, split: Split, classes: bool = True) -> Data:
    """Strings as codes int16 [N, length], see `Strings`; the vocabulary and the largest length are those of the file.

    A fixed `share` of the different strings is the test part, or that of a folder with files such as train.txt and
    test.txt, so that no string is in both; copies are kept. Labels are the classes that files or a column name.

    Raises UserError, which names the line, for what cannot be read, for fewer than two different strings, and where
    most of them are too long or have symbols outside of the alphabet.
    """
    if not 0 <= share < 1:
        raise UserError(f"--test-share must be from 0 to below 1, not {share!r}.")
    found = read(path, options)
    selection = _select(found, options)
    train, test, parts = _parts(found, selection.pieces, share)
    vocabulary = _vocabulary(path, selection, options)
    length = max(map(len, selection.strings))
    if (len(vocabulary) + 1) * length > MAX_ENCODED:
        raise UserError(
            f"{path} has {len(vocabulary):,} symbols and up to {length:,} in a {found.noun}, too many together: a "
            f"sample would be encoded as {(len(vocabulary) + 1) * length:,} numbers, and at most {MAX_ENCODED:,} are; "
            "lower --max-length, or leave out rare symbols with --alphabet."
        )
    domain = Strings(vocabulary, length, options.kind, found.form)
    if split == "test" and not test.any():
        raise MissingPartError(
            f"{found.where} has no test part", "raise --test-share" if share else "--test-share is 0"
        )
    if not train.any():
        raise UserError(f"{found.where} has no {found.noun}s for training.")
    rows = np.flatnonzero(test if split == "test" else train)
    places = {symbol: place for place, symbol in enumerate(vocabulary)}
    codes = coded([selection.strings[row] for row in rows.tolist()], places, length)
    labels, names = _labels(selection.pieces) if classes else (None, ())
    notes = (*found.notes, _summary(found, selection, vocabulary, options), *selection.notes, parts)
    return Data(found.name, domain, codes, None if labels is None else labels[rows], names, notes)


def _select(found: Found, options: StringOptions) -> Selection:
    """The strings within the largest length and the alphabet.

    Raises UserError if most are left out, or if fewer than two different ones are kept.
    """
    strings = [cut(piece.text, options.kind) for piece in found.pieces]
    alphabet = None if options.alphabet is None else {*cut(options.alphabet, options.kind), BREAK}
    most = options.max_length or LONGEST
    long = [place for place, string in enumerate(strings) if len(string) > most]
    outside = [] if alphabet is None else [at for at, string in enumerate(strings) if not alphabet.issuperset(string)]
    foreign = printable(" ".join(sorted(set(strings[outside[0]]) - alphabet))) if alphabet and outside else ""
    reasons = {
        f"longer than {most} symbols": (long, f"--max-length {max(map(len, strings), default=1)} keeps all"),
        f"with symbols outside of --alphabet ({foreign})": (outside, "name all symbols that are to be kept"),
    }
    for reason, (places, hint) in reasons.items():
        if 2 * len(places) > len(strings):
            count = f"{len(places):,} of {len(strings):,} {found.noun}s"
            raise UserError(f"{found.where} has {count} {reason}, such as {_place(found, places[0])}: {hint}.")
    left_out = {*long, *outside}
    selected = [place for place in range(len(strings)) if place not in left_out]
    different = len({found.pieces[place].text for place in selected})
    if different < 2:
        what = "is empty" if not strings else f"has {counted(len(strings), found.noun)}"
        what += " and no two different ones" if len(selected) > 1 else ""
        raise UserError(f"{found.where} {what}: training needs at least two different {found.noun}s.")
    notes = [
        f"Left out: {counted(len(places), found.noun)} {reason}, such as {_place(found, places[0])}; {hint}."
        for reason, (places, hint) in reasons.items()
        if places
    ]
    pieces = [found.pieces[place] for place in selected]
    return Selection(pieces, [strings[place] for place in selected], (*notes, *_remarks(found, pieces, different)))


def _remarks(found: Found, pieces: Sequence[Piece], different: int) -> Iterator[str]:
    """Notes on copies, and on characters that are combined of several code points."""
    if len(pieces) > different:
        copies = len(pieces) - different
        yield f"{counted(copies, found.noun)} {'is a copy' if copies == 1 else 'are copies'} of others, and kept."
    combined = sum(not unicodedata.is_normalized("NFC", piece.text) for piece in pieces)
    if combined:
        yield (
            f"{counted(combined, found.noun)} {'is' if combined == 1 else 'are'} not in the normal form NFC: accents "
            "may be symbols of their own."
        )


def _vocabulary(path: Path, selection: Selection, options: StringOptions) -> tuple[str, ...]:
    """The symbols of the alphabet, or those that occur, sorted; the line feed only where it occurs."""
    occurring = {symbol for string in selection.strings for symbol in string}
    alphabet = set() if options.alphabet is None else {*cut(options.alphabet, options.kind)} - {BREAK}
    vocabulary = sorted(alphabet | (occurring & {BREAK})) if alphabet else sorted(occurring)
    if len(vocabulary) > MAX_SYMBOLS:
        raise UserError(
            f"{path} has {len(vocabulary):,} different symbols, and a vocabulary has at most {MAX_SYMBOLS:,}: "
            "name those to keep with --alphabet."
        )
    return tuple(vocabulary)


def _parts(found: Found, pieces: Sequence[Piece], share: float) -> tuple[np.ndarray, np.ndarray, str]:
    """Which strings are the training part and which the test part, bool [n] each, and a note."""
    texts = [piece.text for piece in pieces]
    if found.parted:
        held_out = np.array([piece.held_out for piece in pieces])
        trained = {piece.text for piece in pieces if not piece.held_out}
        again = np.array([text in trained for text in texts]) & held_out
        note = f"{counted(int(held_out.sum()), found.noun)} of {len(texts):,} are the test part"
        note += f", without {again.sum():,} that the training part has too" if again.any() else ""
        return ~held_out, held_out & ~again, f"{note}."
    different = list(dict.fromkeys(texts))
    order = generator("test strings", len(different)).permutation(len(different))[: int(share * len(different))]
    chosen = {different[place] for place in order}
    test = np.array([text in chosen for text in texts])
    said = f"{len(chosen):,} of the {len(different):,} different {found.noun}s are" if chosen else "There is no"
    return ~test, test, f"{said} the test part." if chosen else f"{said} test part."


def _labels(pieces: Sequence[Piece]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The classes of strings, int64 [n], and their names, sorted, in the order of numbers if all are numbers."""
    words = [piece.label for piece in pieces if piece.label is not None]
    if not words:
        return None, ()
    names = sorted(set(words), key=(lambda word: int(word)) if all(map(str.isdecimal, words)) else None)
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[word] for word in words], dtype=np.int64), tuple(names)


def _summary(found: Found, selection: Selection, vocabulary: Sequence[str], options: StringOptions) -> str:
    """What samples are, and the symbols by their frequency."""
    lengths = [len(string) for string in selection.strings]
    counts = Counter(symbol for string in selection.strings for symbol in string)
    most = [printable(symbol) if symbol != " " else "space" for symbol, _ in counts.most_common()]
    kinds = "words" if options.kind == "words" else "characters (Unicode code points)"
    return (
        f"Each {found.noun} is a sample: {len(lengths):,} of {min(lengths)} to {max(lengths)} symbols. Symbols are "
        f"{len(vocabulary):,} {kinds}, most frequent first: {listed(most, SHOWN)}."
    )


def _place(found: Found, place: int) -> str:
    """Where a string lies."""
    piece = found.pieces[place]
    return f"{piece.file}, line {piece.line}" if piece.file else f"line {piece.line}"


STRINGS = Kind(
    "strings",
    "strings in a .txt or .fasta or a folder of them, or a column of a .csv or .tsv",
    (*OWN, "split", "classes", "test_share"),
    claims,
    load_chosen,
)
