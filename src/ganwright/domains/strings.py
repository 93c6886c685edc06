"""The domain of strings: symbols of a vocabulary, stored as codes int16 [n, length], encoded one-hot with an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.domain import Domain, Field, Reader, SavedSamples, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.core.metric import Samples
from ganwright.domains import _string_columns, _strings_plot
from ganwright.domains._figure import to_image
from ganwright.domains._lines import AUTO, FASTA, FORMS, Form, Piece, as_records, decoded, lines, paragraphs, records
from ganwright.domains._string_health import traits
from ganwright.domains._symbols import BREAK, Symbols, coded, cut, decided, joined, texts_of

MAX_LENGTH = 1 << 13
MAX_SYMBOLS = 1 << 13
TXT = ".txt"


@dataclass(frozen=True)
class Strings(Domain):
    """Strings of 1 to `length` symbols of the `vocabulary`: words, names, sentences, poems, sequences of residues.

    Symbols are characters (Unicode code points), or words between white space; of several lines the line feed is a
    symbol too. Stored: codes int16 [n, length], the symbol's place in the vocabulary; from the end of a string on the
    code is `end`, the size of the vocabulary. Encoded: one-hot [n, length, symbols + 1], as in Gulrajani et al. 2017,
    section 5.5, with `end` as the last place. Decoded by the largest value, see `decided`, so that probabilities and
    scores decode as well as one-hot vectors.

    `form` is how a .txt holds the strings: a line each, or in paragraphs, between which lines are empty; for "fasta"
    there is .fasta besides.
    """

    vocabulary: tuple[str, ...]
    length: int
    symbols: Symbols = "characters"
    form: Form = "lines"

    noun = "strings"
    dtype = np.dtype(np.int16)
    bounded = True
    views = ("strings",)
    plotted = True
    grid_size = 400
    default_recipe = "text"

    def __post_init__(self) -> None:
        """Raises ValueError for fields that do not go together, as in a damaged file."""
        if not 1 <= self.length <= MAX_LENGTH:
            raise ValueError(f"length should be from 1 to {MAX_LENGTH:,}, not {self.length}")
        if not 1 <= len(set(self.vocabulary) - {BREAK}) == len(self.vocabulary) - (BREAK in self.vocabulary):
            raise ValueError("the symbols of a vocabulary should differ, and one should be no line feed")
        if len(self.vocabulary) > MAX_SYMBOLS:
            raise ValueError(f"a vocabulary should have at most {MAX_SYMBOLS:,} symbols, not {len(self.vocabulary):,}")
        if any(len(cut(one, self.symbols)) != 1 for one in self.vocabulary if one != BREAK):
            raise ValueError("each entry of a vocabulary should be one symbol")

    # -- forms of a sample

    @property
    def end(self) -> int:
        """The code from the end of a string on."""
        return len(self.vocabulary)

    @property
    def line_break(self) -> int | None:
        """The code of the line feed, if strings have several lines."""
        return self.vocabulary.index(BREAK) if BREAK in self.vocabulary else None

    @property
    def shape(self) -> tuple[int, int]:
        return self.length, len(self.vocabulary) + 1

    @property
    def stored_shape(self) -> tuple[int]:
        return (self.length,)

    def encode(self, stored: Tensor) -> Tensor:
        return F.one_hot(stored.long(), len(self.vocabulary) + 1).to(torch.get_default_dtype())

    def decode(self, encoded: Tensor) -> Stored:
        return decided(encoded.detach().cpu(), self.line_break).numpy().astype(self.dtype)

    def from_array(self, array: Any, where: str) -> Stored:
        """As `Domain.from_array`; also raises UserError for unknown codes, empty strings, and symbols after an end."""
        stored = super().from_array(array, where)
        ended = stored == self.end
        wrong = {
            f"a code should be from 0 to {self.end}, that of the end": ((stored < 0) | (stored > self.end)).any(1),
            "it is empty": ended[:, 0],
            f"codes follow the end, which is {self.end}": (ended[:, :-1] & ~ended[:, 1:]).any(1),
        }
        for problem, rows in wrong.items():
            if rows.any():
                raise UserError(f"{where}, string {int(np.argmax(rows))}: {problem}.")
        return stored

    def texts(self, stored: Stored) -> list[str]:
        """Stored strings [n, length] as texts."""
        return texts_of(stored, self.vocabulary, self.symbols)

    def describe(self) -> str:
        what = "words" if self.symbols == "words" else "characters"
        return f"strings of at most {self.length} {what}, {len(self.vocabulary)} different ones"

    def comparable(self, other: Domain) -> bool:
        """Strings over the same vocabulary; their largest lengths may differ."""
        return isinstance(other, Strings) and (self.vocabulary, self.symbols) == (other.vocabulary, other.symbols)

    # -- health checks

    def compared(self, encoded: Tensor) -> Tensor:
        """One-hot vectors of the decoded strings."""
        return F.one_hot(decided(encoded, self.line_break), len(self.vocabulary) + 1).to(encoded.dtype)

    def traits(self, encoded: Tensor) -> Mapping[str, Tensor]:
        return traits(decided(encoded, self.line_break), self.end)

    # -- metrics and pictures

    def viewed(self, view: str, stored: Stored, labels: Stored | None = None) -> Samples:
        return Samples(stored, labels, (Column("symbol", self.vocabulary),))

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        return self._rendered({"real": real, "generated": fake})

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return self._rendered({"real": stored})

    def write_numbered(self, entries: Stored, folder: Path) -> None:
        """Writes samples.txt: a line for each string after its number, or its number and its lines below it."""
        gap, after = ("\n\n", "\n") if self.line_break is not None else ("\n", "\t")
        numbered = [f"{place}{after}{text}" for place, text in enumerate(self.texts(entries[:, 0]), 1)]
        (folder / "samples.txt").write_text(gap.join(numbered) + "\n", encoding="utf-8", newline="\n")

    def _rendered(self, sets: Mapping[str, Stored]) -> Image.Image:
        texts = {name: self.texts(stored[: _strings_plot.LINES]) for name, stored in sets.items()}
        return to_image(_strings_plot.overview(texts, sets, self.vocabulary))

    # -- files

    @property
    def loader_options(self) -> Mapping[str, Any]:
        alphabet = joined([one for one in self.vocabulary if one != BREAK], self.symbols)
        return {"symbols": self.symbols, "alphabet": alphabet, "max_length": self.length}

    @property
    def part_options(self) -> Mapping[str, Any]:
        return {}

    @property
    def writers(self) -> Mapping[str, Writer]:
        written: dict[str, Writer] = {TXT: self._save_text, ".csv": self._save_csv}
        return written | ({".fasta": self._save_fasta} if self.form == "fasta" else {})

    def _save_text(self, stored: Stored, conditions: Stored | None, path: Path) -> None:
        """A line for each string, or a paragraph and an empty line."""
        gap = "\n\n" if self.form == "paragraphs" else "\n"
        path.write_text(gap.join(self.texts(stored)) + "\n", encoding="utf-8", newline="\n")

    def _save_csv(self, stored: Stored, conditions: Stored | None, path: Path) -> None:
        _string_columns.write(path, self.texts(stored), None if conditions is None else conditions.tolist())

    def _save_fasta(self, stored: Stored, conditions: Stored | None, path: Path) -> None:
        path.write_text("\n".join(as_records(self.texts(stored))) + "\n", encoding="utf-8", newline="\n")

    @property
    def readers(self) -> dict[str, Reader]:
        texts = dict.fromkeys((TXT, *FASTA), self._read_text)
        return texts | dict.fromkeys(_string_columns.SUFFIXES, self._read_columns) | super().readers

    def _read_text(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        text = decoded(path).text
        if path.suffix.lower() in FASTA:
            return self._coded(path, records(text, path)[0])
        return self._coded(path, paragraphs(text) if self.form == "paragraphs" else lines(text))

    def _read_columns(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        """The column that the loader's option `text` names, if the file has it, or that of samples."""
        wanted = (options or {}).get("text")
        columns = [str(wanted)] * (wanted not in (None, AUTO, *FORMS)) + [_string_columns.COLUMN]
        return self._coded(path, _string_columns.pieces(path, decoded(path), columns)[0])

    def _coded(self, path: Path, pieces: Sequence[Piece]) -> SavedSamples:
        """The strings of a file; those with unknown symbols, or that are too long, are left out and counted.

        Raises UserError if most are.
        """
        places = {symbol: place for place, symbol in enumerate(self.vocabulary)}
        kept: list[list[str]] = []
        labels: list[str | None] = []
        left_out = Counter[str]()
        for piece in pieces:
            string = cut(piece.text, self.symbols)
            unknown = next((symbol for symbol in string if symbol not in places), None)
            if unknown is not None:
                left_out["with symbols that the data lack"] += 1
            elif len(string) > self.length:
                left_out[f"of over {self.length} symbols"] += 1
            elif string:
                kept.append(string)
                labels.append(piece.label)
        said = [f"{count:,} of {len(pieces):,} strings {reason}" for reason, count in left_out.items()]
        if 2 * len(kept) <= len(pieces):
            raise UserError(f"{path} does not hold {self.describe()}: {'; '.join(said) or 'it is empty'}.")
        named = np.array(labels) if labels and None not in labels else None
        notes = tuple(f"{path}: left out are {one}." for one in said)
        return SavedSamples(coded(kept, places, self.length), named, notes=notes)
