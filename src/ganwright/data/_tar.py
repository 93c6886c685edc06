"""Where the files in a tar archive lie: usual headers are read here, in some us each, others by `tarfile` in 30."""

from __future__ import annotations

import mmap
import struct
import tarfile
from collections.abc import Iterator

from ganwright.data._layout import printable

BLOCK = tarfile.BLOCKSIZE
HEADER = struct.Struct("100s 24x 11s c 20x c 100x 5s 83x c")  # name, digits of size, their end, kind, magic, more name
FILE, WORDS = (b"0", b"\0"), b"x"  # kinds of headers: of a file, of words about the file that follows
MATTER = (b"path=", b"size=", b"GNU.sparse")  # words that must be heeded; times and owners are not
ENDS, OCTAL = (b"\0", b" "), b"01234567"


def members(content: mmap.mmap) -> Iterator[tuple[str, int, int]]:
    """Name, offset and size of each file in an archive, in its order; a tarfile.TarError where it is broken."""
    with tarfile.open(fileobj=content, mode="r:") as archive:
        at, end = 0, len(content)
        while at + BLOCK <= end:
            name, digits, stop, kind, magic, more = HEADER.unpack_from(content, at)
            usual = magic == b"ustar" and more == b"\0" and stop in ENDS and not digits.strip(OCTAL)
            size, start = int(digits, 8) if usual else 0, at + BLOCK
            following = start + (size + BLOCK - 1 & -BLOCK)
            if usual and kind in FILE:
                yield _fitting(str(name.partition(b"\0")[0], "utf-8", "surrogateescape"), start, size, end)
            elif usual and kind == WORDS and not any(content.find(word, start, start + size) >= 0 for word in MATTER):
                pass
            elif content[at:start] == bytes(BLOCK):
                return
            else:
                member, following = _by_tarfile(archive, at)
                if member.isfile():
                    yield _fitting(member.name, member.offset_data, member.size, end)
            at = following
    raise tarfile.ReadError("it is cut off: it has no end mark")


def _fitting(name: str, start: int, size: int, end: int) -> tuple[str, int, int]:
    if start + size > end:
        raise tarfile.ReadError(f"it ends within {printable(name)}")
    return name, start, size


def _by_tarfile(archive: tarfile.TarFile, at: int) -> tuple[tarfile.TarInfo, int]:
    """What the header at a place, with those behind it that belong to it, stands before; and where the next one is."""
    archive.firstmember, archive.offset = None, at  # type: ignore[attr-defined]
    archive.fileobj.seek(at)
    member = archive.next()
    archive.members = []  # type: ignore[attr-defined]  # or every member would stay in memory
    if member is None:
        raise tarfile.ReadError(f"at byte {at:,} is no header")
    return member, archive.offset
