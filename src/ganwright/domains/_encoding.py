"""Finds the character encoding of a text file, without reading it into memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from ganwright.core.errors import UserError

BLOCK = 1 << 20  # bytes that are looked at in one go
MARKS = {  # byte order marks; the one of UTF-32 begins like that of UTF-16
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1a")  # 0x1a ends a text of DOS
NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252 (Latin-1)"}


def encoding_of(path: Path) -> str:
    """Python's name of the encoding: by the byte order mark, or UTF-8, or Windows-1252 if it is no UTF-8.

    Raises UserError for a file that is none of these, such as a binary one, and OSError.
    """
    with path.open("rb") as file:
        head = file.read(512)
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    if marked is None and b"\0" in head:
        marked = _unmarked(head)
    if marked is not None:
        return marked
    number = 1
    for block in _blocks(path):
        kept = block.translate(None, CONTROLS)
        if len(kept) < len(block):
            place = next(index for index, code in enumerate(block) if code in CONTROLS)
            line = number + block.count(b"\n", 0, place)
            raise UserError(f"{path}, line {line}: the byte 0x{block[place]:02x} is not of a text; is the file binary?")
        number += block.count(b"\n")
    encoding = next((name for name in ("utf-8", "cp1252") if _decodes(path, name)), None)
    if encoding is None:
        raise UserError(f"{path} is neither UTF-8, UTF-16 nor Windows-1252: save it as UTF-8.")
    return encoding


def name_of(encoding: str) -> str:
    """The encoding's name in messages."""
    return NAMES.get(encoding, encoding.upper())


def _unmarked(head: bytes) -> str | None:
    """UTF-16 without a byte order mark, where every other byte is zero in text of Western languages."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.8 * half and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 * half and odd == 0 else None


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
