"""Locates the files in a tar archive; common headers are parsed here in a few us each, others by `tarfile` in 30."""

from __future__ import annotations

import io
import mmap
import struct
import tarfile
from collections.abc import Callable, Iterator

from ganwright.data._notes import printable

BLOCK = tarfile.BLOCKSIZE
HEADER = struct.Struct("100s 24x 11s c 20x c 100x 5s 83x c")  # name, octal size, its end, type, magic, name prefix
FILE, PAX = (b"0", b"\0"), b"x"  # types of headers: of a file, of a pax header for the next file
EXTENDED, MAX_EXTENDED = (b"x", b"g", b"L", b"K"), 1 << 20  # headers with names and records, and bytes of one
RELEVANT = (b"path=", b"size=", b"GNU.sparse")  # pax records that change a member's name, size or content
ENDS, OCTAL = (b"\0", b" "), b"01234567"


def members(content: mmap.mmap, skip: Callable[[str, str], None]) -> Iterator[tuple[str, int, int]]:
    """Yields name, offset and size of each file in an archive, in order; raises tarfile.TarError if it is broken.

    `skip` is called with a reason and the name of what is neither a file nor a folder.
    """
    with tarfile.open(fileobj=io.BytesIO(bytes(2 * BLOCK))) as archive:  # which would read the first header
        archive.fileobj = content
        at, end = 0, len(content)
        while at + BLOCK <= end:
            name, digits, stop, kind, magic, prefix = HEADER.unpack_from(content, at)
            common = magic == b"ustar" and prefix == b"\0" and stop in ENDS and not digits.strip(OCTAL)
            size, start = int(digits, 8) if common else 0, at + BLOCK
            following = start + (size + BLOCK - 1 & -BLOCK)
            if common and kind in FILE:
                yield _complete(str(name.partition(b"\0")[0], "utf-8", "surrogateescape"), start, size, end)
            elif (
                common
                and kind == PAX
                and size <= MAX_EXTENDED
                and not any(content.find(key, start, start + size) >= 0 for key in RELEVANT)
            ):
                pass
            elif content[at:start] == bytes(BLOCK):
                return
            else:
                _refuse_huge(content[at:start], at)
                member, following = _by_tarfile(archive, at)
                if following <= at:
                    raise tarfile.ReadError(f"a header at byte {at:,} that leads back")
                if member.issparse():
                    skip("a sparse file", member.name)
                elif member.isfile():
                    yield _complete(member.name, member.offset_data, member.size, end)
                elif not member.isdir():
                    link = member.issym() or member.islnk()
                    skip("a link" if link else "no regular file (a pipe, socket or device)", member.name)
            at = following
    raise tarfile.ReadError("truncated: no end mark")


def _complete(name: str, start: int, size: int, end: int) -> tuple[str, int, int]:
    """The member; raises tarfile.ReadError if the archive ends within it."""
    if not 0 <= size <= end - start:
        raise tarfile.ReadError(f"truncated within {printable(name)}")
    return name, start, size


def _refuse_huge(header: bytes, at: int) -> None:
    """Raises tarfile.ReadError for a header that `tarfile` would follow for very long, or back."""
    try:
        found = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return  # reported by `tarfile`
    if found.size < 0 or (found.type in EXTENDED and found.size > MAX_EXTENDED):
        raise tarfile.ReadError(f"a header of {found.size:,} bytes at byte {at:,}")


def _by_tarfile(archive: tarfile.TarFile, at: int) -> tuple[tarfile.TarInfo, int]:
    """The member whose headers begin at `at`, and the offset of the next header."""
    archive.firstmember, archive.offset = None, at  # type: ignore[attr-defined]
    archive.fileobj.seek(at)
    member = archive.next()
    archive.members = []  # type: ignore[attr-defined]  # otherwise every member stays in memory
    if member is None:
        raise tarfile.ReadError(f"no header at byte {at:,}")
    return member, archive.offset
