"""Writing that either happens wholly or not at all, and sentences for a disk that refuses."""

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

REMEDIES = {
    errno.ENOSPC: "free some space and run the same command again",
    errno.EDQUOT: "free some of your quota and run the same command again",
    errno.EFBIG: "raise the limit on file sizes and run the same command again",
    errno.EACCES: "choose a folder that you may write to with --out",
    errno.EPERM: "choose a folder that you may write to with --out",
    errno.EROFS: "choose a folder that you may write to with --out",
    errno.ENOTDIR: "a file stands where a folder is needed: choose another --out",
    errno.EEXIST: "a file stands where a folder is needed: choose another --out",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within it a refusal of the system becomes one sentence about `path`."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = REMEDIES.get(error.errno or 0, "mend that and run the same command again")
        raise UserError(f"Writing {path} failed ({reason}): {remedy}. What was saved before is intact.") from error


def free(path: Path) -> int:
    """Bytes that may still be written where `path` lies or is going to."""
    place = path.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def shortage(path: Path, needed: float) -> str | None:
    """A sentence where so many bytes do not fit."""
    room = free(path)
    if needed <= room:
        return None
    sizes = f"{needed / 1e9:,.2f} GB, and {room / 1e9:,.2f} GB are free there"
    return f"{path} needs {sizes}: free some space, or choose another --out."


def write(path: Path, content: bytes | str) -> None:
    """Writes beside `path` and renames, so that a reader sees the old file or the new one."""
    write_parts(path, [content.encode() if isinstance(content, str) else content])


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """The same for a content that is made part by part; nothing is left where the making fails."""
    beside = path.with_name(f".{path.name}.partial")
    with writing(path):
        try:
            with beside.open("wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    write(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sync(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
