"""Reads the files of a run folder, which may come from anyone: regular files of limited size, never through links."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ganwright.core.errors import DamagedError

MAX_JSON = 8 * 2**20  # bytes of a JSON file
MAX_LINE = 2**20  # bytes of a line of a log
MAX_PICTURE = 64 * 2**20  # bytes of a picture
SPARSE = 64 * 2**20, 16  # a larger file of which less than a 16th lies on the disk was not written by ganwright


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """The regular file `path`, opened for reading; a DamagedError for links, pipes, devices and files full of holes."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise DamagedError(path, _reason(path, error)) from None
    try:
        _refuse_irregular(path, os.fstat(handle))
    except DamagedError:
        os.close(handle)
        raise
    with os.fdopen(handle, "rb") as file:
        yield file


def _reason(path: Path, error: OSError | ValueError) -> str:
    if path.is_symlink():
        return "it is a link, and links inside a run folder are not followed"
    return f"it cannot be read: {getattr(error, 'strerror', None) or error}".lower()


def _refuse_irregular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise DamagedError(path, "it is not a regular file")
    size, ratio = SPARSE
    if status.st_size > size and status.st_size > ratio * 512 * getattr(status, "st_blocks", status.st_size):
        raise DamagedError(path, f"it has {status.st_size:,} bytes, and hardly any of them are on the disk")


def check_regular(path: Path) -> None:
    """Raises a DamagedError unless `path` is a regular file that can be read."""
    with opened(path):
        pass


def read(path: Path, limit: int) -> bytes:
    """The content of a file; a DamagedError if it has more than `limit` bytes."""
    with opened(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise DamagedError(path, f"it has more than {limit:,} bytes")
    return content


def read_json(path: Path, limit: int = MAX_JSON) -> Any:
    """The value in a JSON file; a DamagedError if there is none."""
    return parsed(read(path, limit), path)


def parsed(content: bytes, path: Path, where: str = "it") -> Any:
    """The JSON value in `content`, which is `where` of `path`."""
    try:
        return json.loads(content)
    except RecursionError:
        raise DamagedError(path, f"{where} is nested too deeply") from None
    except ValueError as error:
        raise DamagedError(path, f"{where} is no JSON: {error}") from None


def lines(path: Path) -> Iterator[bytes]:
    """The complete lines of a file, one at a time, without their ends."""
    with opened(path) as file:
        while line := file.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise DamagedError(path, f"it has a line of more than {MAX_LINE:,} bytes")
            if line.endswith(b"\n"):
                yield line[:-1]


def last_line(path: Path) -> bytes | None:
    """The last complete line of a file, of which only the end is read."""
    with opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 2 * MAX_LINE, 0))
        complete = file.read().split(b"\n")[:-1]
    return complete[-1] if complete else None


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder itself, not a link to one."""
    return path.is_dir() and not path.is_symlink()
