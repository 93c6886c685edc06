"""Damages delimited text in the ways of real files: dialects, marks, numbers, quotes, line ends, and torn bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

CELLS = (
    *("", "NA", "N/A", "null", "None", "-", "?", ".", "nan", "inf", "-inf", "1e999", "9" * 400, "0" * 30, "007", "-0"),
    *("1,5", "1.5", "1,234", "1.234,5", "1 234,5", "12'345.6", "$12", "-$1.50", "€ 3", "12 %", "(12)", "1/2", "0x1F"),
    *("true", "FALSE", "2020-01-01", "01/02/2020", "1_000", "١٢", "−3", "½", '"', '""', '"a', 'a"b', "'", "a,b", "a;b"),
    *("#", "|", "\t", " ", "\u00a0", "\u202f", "\ufeff", "\u2028", "\x85", "\x1a", "x" * 2000, "=1+1", "ß", "e\u0301"),
)
SEPARATORS = (",", ";", "\t", "|", " ", ", ", ",,", ";;")
LINE_ENDS = ("\r\n", "\r", "\n\n", "\n\r", "", "\x0b", "\n \n", "\n#\n", "\n,,\n")
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-7")
HEADERS = ("0,1,2", "1,2,3", "a,a,b", "1990,1991,1992", "x,1990,", ",,", "label,class,condition", "date,time,x")

Change = Callable[[str, random.Random], str]


def mutations(content: bytes, rng: random.Random) -> Iterator[bytes]:
    """Endlessly, variants of a small UTF-8 text with one to four changes."""
    while True:
        text = content.decode()
        for _ in range(rng.randint(1, 3)):
            text = rng.choice(CHANGES)(text, rng)
        yield rng.choice(TEARS)(text.encode(errors="replace"), text, rng)


def _cell(text: str, rng: random.Random) -> str:
    """Another cell in some places."""
    lines = [line.split(",") for line in text.split("\n")]
    for _ in range(rng.choice((1, 1, 3, 10))):
        line = rng.choice(lines)
        line[rng.randrange(len(line))] = rng.choice(CELLS)
    return "\n".join(",".join(line) for line in lines)


def _column(text: str, rng: random.Random) -> str:
    """A whole column in another way."""
    place, cell = rng.randrange(3), rng.choice(CELLS)
    lines = [line.split(",") for line in text.split("\n")]
    return "\n".join(
        ",".join([*line[:place], cell if rng.random() < 0.9 else "x", *line[place + 1 :]]) for line in lines
    )


def _header(text: str, rng: random.Random) -> str:
    return rng.choice((*HEADERS, "")) + "\n" + text.split("\n", rng.randint(0, 1))[-1]


def _separator(text: str, rng: random.Random) -> str:
    return text.replace(",", rng.choice(SEPARATORS), rng.choice((1, 5, -1)))


def _decimal_comma(text: str, rng: random.Random) -> str:
    return text.replace(",", ";").replace(".", ",")


def _line_ends(text: str, rng: random.Random) -> str:
    return text.replace("\n", rng.choice(LINE_ENDS), rng.choice((1, -1)))


def _width(text: str, rng: random.Random) -> str:
    """A separator more, or a cell less, on one or all lines."""
    lines = text.split("\n")
    chosen = range(len(lines)) if rng.random() < 0.3 else [rng.randrange(len(lines))]
    for place in chosen:
        lines[place] = lines[place] + "," if rng.random() < 0.5 else lines[place].rpartition(",")[0]
    return "\n".join(lines)


def _insert(text: str, rng: random.Random) -> str:
    place = rng.randint(0, len(text))
    return text[:place] + rng.choice((*CELLS, *SEPARATORS, *LINE_ENDS)) + text[place:]


def _few_lines(text: str, rng: random.Random) -> str:
    return "\n".join(text.split("\n")[: rng.randint(0, 4)])


def _shuffle(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    rng.shuffle(lines)
    return "\n".join(lines)


CHANGES: tuple[Change, ...] = (
    *(_cell, _cell, _column, _header, _separator, _decimal_comma, _line_ends, _width, _insert, _few_lines, _shuffle),
)


def _whole(content: bytes, text: str, rng: random.Random) -> bytes:
    return content


def _encoded(content: bytes, text: str, rng: random.Random) -> bytes:
    return text.encode(rng.choice(ENCODINGS), errors="replace")


def _truncated(content: bytes, text: str, rng: random.Random) -> bytes:
    return content[: rng.randint(0, len(content))]


def _flipped(content: bytes, text: str, rng: random.Random) -> bytes:
    torn = bytearray(content or b"\n")
    for _ in range(rng.randint(1, 5)):
        torn[rng.randrange(len(torn))] = rng.randrange(256)
    return bytes(torn)


TEARS = (_whole, _whole, _whole, _encoded, _truncated, _flipped)
