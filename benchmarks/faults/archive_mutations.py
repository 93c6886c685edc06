"""Mutations of zips and tars of pictures: damaged bytes, and well-formed archives with strange members."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Iterator

from PIL import Image

from faults.picture_mutations import cut_out, flipped, in_header, repeated, truncated

NAMES = (
    "a.png", "b/c.png", "train/1.png", "val/2.png", "test/3.png", "../up.png", "/abs.png", "C:/x.png", "a//b.png",
    "./dot.png", ".hidden.png", "__MACOSX/._a.png", "x" * 90 + ".png", "caf\u00e9/1.png", "a\\b.png", "0.cls", "0.json",
    "dataset.json", "metadata.csv", "metadata.jsonl", "Thumbs.db", "a.PNG", "dir/", ".", "..", " .png", "a.png/b.png",
    "x.seg.png", "x.png", "\x01.png",
)  # fmt: skip
CONTENTS = (
    b"", b"3", b"cat", b"{", b"null", b"[1]", b'{"label": 1}', b'{"label": {"a": 1}}', b'{"labels": [["a.png", 1]]}',
    b"file_name,label\na.png,1\n", b"file_name\n", b'{"file_name": "a.png", "label": 3}\n', b"\xff\xfe\x00", bytes(600),
    b"1" * 5000, b"[" * 3000,
)  # fmt: skip
TYPES = (tarfile.REGTYPE, tarfile.REGTYPE, tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE)
OTHER_TYPES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, b"V", b"?")


def members(rng: random.Random) -> list[tuple[str, bytes]]:
    """Names and contents of up to a dozen members, most of them intact pictures."""
    made = []
    for index in range(rng.randrange(13)):
        name = rng.choice(NAMES) if rng.random() < 0.5 else f"{rng.choice('ab')}/{index}.png"
        made.append((name, rng.choice(CONTENTS) if rng.random() < 0.2 or not name.endswith("png") else picture(rng)))
    return made


def picture(rng: random.Random) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (rng.choice((8, 8, 9)), 8), rng.randrange(256)).save(buffer, "PNG")
    return buffer.getvalue()


def zips(rng: random.Random, count: int) -> Iterator[bytes]:
    """Yields `count` zips, half of them damaged; the same for the same state of `rng`."""
    for _ in range(count):
        buffer = io.BytesIO()
        with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", rng.choice((0, 8))) as archive:
            warnings.simplefilter("ignore")  # of names that occur twice
            for name, content in members(rng):
                info = zipfile.ZipInfo(name)
                info.compress_type = rng.choice((0, 8))
                info.external_attr = rng.choice((0, 0, 0o100644, 0o120777, 0o040755)) << 16
                archive.writestr(info, content)
        yield _damaged(rng, buffer.getvalue(), b"PK\1\2")


def tars(rng: random.Random, count: int) -> Iterator[bytes]:
    """Yields `count` tars, half of them damaged; the same for the same state of `rng`."""
    for _ in range(count):
        buffer = io.BytesIO()
        form = rng.choice((tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
        with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
            for name, content in members(rng):
                info = tarfile.TarInfo(name)
                info.type = rng.choice(OTHER_TYPES if rng.random() < 0.1 else TYPES)
                info.linkname = rng.choice(("a.png", "/etc/passwd", "..", name))
                info.size = len(content) if info.isreg() else 0
                if form == tarfile.PAX_FORMAT and rng.random() < 0.2:
                    info.pax_headers = {rng.choice(("path", "size", "mtime", "GNU.sparse.major")): rng.choice("1x-")}
                try:
                    archive.addfile(info, io.BytesIO(content))
                except (ValueError, OSError):
                    continue  # a name that this format cannot hold
        yield _damaged(rng, buffer.getvalue(), b"ustar")


def _damaged(rng: random.Random, content: bytes, mark: bytes) -> bytes:
    """The archive itself, or with damaged bytes anywhere or in one of the headers, which `mark` begins or ends."""
    if rng.random() < 0.5:
        return content
    for _ in range(rng.choice((1, 1, 3))):
        at = content.find(mark, rng.randrange(len(content) + 1))
        if at >= 0 and rng.random() < 0.6:
            at = max(0, at - (257 if mark == b"ustar" else 0)) + rng.choice(
                (0, 8, 10, 20, 24, 28, 42, 100, 124, 148, 156)
            )
            word = rng.choice(
                (b"\xff" * 12, b"\0" * 12, b"7" * 12, b"-1\0", struct.pack("<L", rng.getrandbits(32)), b"x", b"L")
            )
            content = content[:at] + word + content[at + len(word) :]
            content = _with_checksums(content) if mark == b"ustar" and rng.random() < 0.8 else content
        else:
            content = rng.choice((flipped, in_header, truncated, cut_out, repeated))(rng, content)
    return content


def _with_checksums(content: bytes) -> bytes:
    """The tar with right checksums in every block that looks like a header."""
    blocks = bytearray(content)
    for at in range(0, len(blocks) - 511, 512):
        if blocks[at + 257 : at + 262] == b"ustar":
            blocks[at + 148 : at + 156] = b" " * 8
            blocks[at + 148 : at + 156] = f"{sum(blocks[at : at + 512]):06o}\0 ".encode()
    return bytes(blocks)
