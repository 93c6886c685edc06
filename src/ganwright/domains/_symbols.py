"""Symbols of a text: single characters, or words between white space; line feeds are symbols of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Symbols = Literal["characters", "words"]
Codes = NDArray[np.int16]
BREAK = "\n"


def cut(text: str, symbols: Symbols) -> list[str]:
    """The symbols of a text. A character is one Unicode code point; nothing is normalised."""
    if symbols == "characters":
        return list(text)
    first, *others = (line.split() for line in text.split(BREAK))
    return first + [symbol for line in others for symbol in (BREAK, *line)]


def joined(found: Sequence[str], symbols: Symbols) -> str:
    """The text of symbols, with a space between words of one line."""
    return "".join(found) if symbols == "characters" else " ".join(found).replace(f" {BREAK} ", BREAK)


def coded(strings: Sequence[Sequence[str]], places: Mapping[str, int], length: int) -> Codes:
    """Codes int16 [n, length] of strings of at most `length` symbols, len(places) after their ends."""
    codes = np.full((len(strings), length), len(places), dtype=np.int16)
    for row, string in zip(codes, strings, strict=True):
        row[: len(string)] = [places[symbol] for symbol in string]
    return codes


def lengths_of(codes: NDArray[np.integer], end: int) -> NDArray[np.int64]:
    """The number of symbols before the end of each string, [n]."""
    return np.asarray((codes != end).sum(1), dtype=np.int64)


def texts_of(codes: NDArray[np.integer], vocabulary: Sequence[str], symbols: Symbols) -> list[str]:
    """The texts of strings [n, length] up to their ends."""
    lengths = lengths_of(codes, len(vocabulary)).tolist()
    rows: Iterable[tuple[list[int], int]] = zip(codes.tolist(), lengths, strict=True)
    return [joined([vocabulary[code] for code in row[:length]], symbols) for row, length in rows]


def decided(scores: Tensor, line_break: int | None) -> Tensor:
    """Codes int64 [n, length] of scores [n, length, symbols + 1], whose last place is the end of a string.

    Each code is that of the largest score among those that can stand there: a string has at least one symbol, nothing
    follows its end, and with a code for the `line_break` no line is empty. So every string can be written as text.
    """
    end, length = scores.shape[2] - 1, scores.shape[1]
    codes, lowest = [], scores.new_full((), -torch.inf)
    inside = scores.new_zeros(len(scores), dtype=torch.bool)  # whether the string may end or the line may break here
    ended = torch.zeros_like(inside)
    for step in range(length):
        here = scores[:, step].clone()
        here[:, end] = torch.where(inside, here[:, end], lowest)
        if line_break is not None:
            may_break = inside if step < length - 1 else torch.zeros_like(inside)
            here[:, line_break] = torch.where(may_break, here[:, line_break], lowest)
        code = here.argmax(1).masked_fill(ended, end)
        ended = code == end
        inside = torch.ones_like(inside) if line_break is None else code != line_break
        codes.append(code)
    return torch.stack(codes, 1)
