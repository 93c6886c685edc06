"""Mutations of picture files: small pictures of every format and mode, damaged by a seeded generator."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Iterator

from PIL import Image

MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "BMP": ("1", "L", "P", "RGB"),
    "GIF": ("L", "P"),
    "TIFF": ("1", "L", "RGB", "CMYK", "LAB", "F", "I;16"),
    "PPM": ("1", "L", "RGB"),
    "TGA": ("L", "RGB", "RGBA"),
    "WEBP": ("RGB", "RGBA"),
    "ICO": ("RGBA",),
    "JPEG2000": ("L", "RGB"),
}
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def pictures(rng: random.Random, side: int = 12) -> list[tuple[str, bytes]]:
    """A suffix and the bytes of one intact picture for each format and mode that Pillow can write here."""
    made: list[tuple[str, bytes]] = []
    for form, modes in MODES.items():
        for mode in modes:
            picture = Image.frombytes("RGB", (side, side), rng.randbytes(3 * side * side))
            buffer = io.BytesIO()
            exif = Image.Exif()
            exif[0x0112] = rng.randrange(1, 9)
            try:
                grey = picture.convert("L")
                of_mode = grey.convert("I;16") if mode == "I;16" else _converted(picture, mode)
                of_mode.save(buffer, form, **({"exif": exif} if form in ("PNG", "JPEG", "WEBP") else {}))
            except (KeyError, OSError, ValueError):
                continue  # a format that this Pillow lacks
            made.append((f".{form.lower()}" if form not in ("JPEG2000",) else ".jp2", buffer.getvalue()))
    return made


def mutations(rng: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Yields `count` suffixes and damaged contents; the same for the same state of `rng`."""
    intact = pictures(rng)
    for _ in range(count):
        suffix, content = rng.choice(intact)
        damaged = content
        for _ in range(rng.choice((1, 1, 2, 4))):
            damaged = rng.choice(DAMAGES)(rng, damaged, intact)
        yield suffix, damaged


def flipped(rng: random.Random, content: bytes, _: object = None) -> bytes:
    """One byte is another one."""
    if not content:
        return content
    at = rng.randrange(len(content))
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def in_header(rng: random.Random, content: bytes, _: object = None) -> bytes:
    """A number of two or four bytes near the beginning is an extreme one."""
    at, number = rng.randrange(min(len(content), 64) + 1), rng.choice(NUMBERS)
    order, size = rng.choice("<>"), rng.choice((2, 4))
    word = struct.pack(f"{order}{'H' if size == 2 else 'L'}", number & (0xFFFF if size == 2 else 0xFFFFFFFF))
    return content[:at] + word + content[at + size :]


def truncated(rng: random.Random, content: bytes, _: object = None) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def cut_out(rng: random.Random, content: bytes, _: object = None) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.randrange(40) :]


def repeated(rng: random.Random, content: bytes, _: object = None) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[: start + rng.randrange(40)] + content[start:]


def spliced(rng: random.Random, content: bytes, others: list[tuple[str, bytes]]) -> bytes:
    """The beginning of one file and the end of another."""
    other = rng.choice(others)[1]
    return content[: rng.randrange(len(content) + 1)] + other[rng.randrange(len(other) + 1) :]


DAMAGES = (flipped, flipped, in_header, in_header, truncated, cut_out, repeated, spliced)


def _converted(picture: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        return Image.frombytes("LAB", picture.size, picture.tobytes())
    return picture.convert("L").convert("F") if mode == "F" else picture.convert(mode)
