"""Atomic file writes, and readable errors for a full or read-only disk."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from ganwright.core.errors import UserError

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)  # never through a link
REMEDIES = {
    errno.ENOSPC: "free some space and run the same command again",
    errno.EDQUOT: "free some of your quota and run the same command again",
    errno.EFBIG: "raise the limit on file sizes and run the same command again",
    errno.EACCES: "choose a folder that you may write to with --out",
    errno.EPERM: "choose a folder that you may write to with --out",
    errno.EROFS: "choose a folder that you may write to with --out",
    errno.ENOTDIR: "a file exists where a folder is needed: choose another --out",
    errno.EEXIST: "a file exists where a folder is needed: choose another --out",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an OSError inside the context into a UserError about `path`."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = REMEDIES.get(error.errno or 0, "fix this and run the same command again")
        raise UserError(f"Writing {path} failed ({reason}): {remedy}. Earlier files are intact.") from error


def free(path: Path) -> int:
    """Returns the free bytes on the disk of `path`, which need not exist yet."""
    existing = path.absolute()
    while not existing.exists():
        existing = existing.parent
    return shutil.disk_usage(existing).free


def shortage(path: Path, needed: float) -> str | None:
    """Returns a message if `needed` bytes do not fit on the disk of `path`, else None."""
    available = free(path)
    if needed <= available:
        return None
    sizes = f"{needed / 1e9:,.2f} GB, and {available / 1e9:,.2f} GB are free there"
    return f"{path} needs {sizes}: free some space, or choose another --out."


def write(path: Path, content: bytes | str) -> None:
    """Writes a temporary file and renames it to `path`: a reader sees either the old content or the new one."""
    write_parts(path, [content.encode(errors="surrogateescape") if isinstance(content, str) else content])


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Like `write`, for content produced in parts; an error leaves no temporary file."""
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        partial.unlink(missing_ok=True)  # of a process that was killed; of a link, the link alone
        try:
            with os.fdopen(os.open(partial, NEW_FILE, 0o666), "wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Writes indented JSON atomically; bytes of a file's name that are no text are written as escapes of JSON."""
    write_parts(path, [f"{json.dumps(value, indent=2, ensure_ascii=False)}\n".encode(errors="backslashreplace")])


def sync(path: Path) -> None:
    """Flushes a file, or a folder's list of files, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def png(picture: Image.Image) -> bytes:
    """Encodes a picture as PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
