"""Many pictures, opened one by one: from a folder, a zip, or an array. None holds more than its names in memory."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data._layout import hidden
from ganwright.data._pictures import opened
from ganwright.data._values import extent, to_bytes

BIGGEST = 1 << 28  # bytes: a member of a zip that claims more is not unpacked

Entry = tuple[str, int, int]  # name with forward slashes, bytes, and what changes with the content


class PictureSource(Protocol):
    """Pictures by place; `open` may be called from several threads and may raise anything."""

    @property
    def names(self) -> Sequence[str]: ...

    def open(self, place: int) -> Image.Image: ...


@dataclass(frozen=True)
class Folder:
    root: Path
    names: Sequence[str]

    def open(self, place: int) -> Image.Image:
        return opened(str(self.root / self.names[place]))


@dataclass(frozen=True)
class Zip:
    archive: zipfile.ZipFile
    names: Sequence[str]

    def open(self, place: int) -> Image.Image:
        member = self.archive.getinfo(self.names[place])
        if member.file_size > BIGGEST:
            raise ValueError(f"it would unpack to {member.file_size:,} bytes")
        return opened(io.BytesIO(self.archive.read(member)))


@dataclass(frozen=True)
class Tree:
    """Files by their names below a folder or in a zip: `root` tells it from others, `where` is what messages call it,
    `source` opens those of its pictures whose names it is given."""

    name: str
    where: str
    root: str
    entries: Sequence[Entry]
    source: Callable[[Sequence[str]], PictureSource]


class Stack:
    """An array of pictures [N, height, width] or [N, height, width, channels] of any numbers."""

    def __init__(self, array: np.ndarray, where: str) -> None:
        self.array = array[..., None] if array.ndim == 3 else array
        self.names = [f"[{place}]" for place in range(len(array))]
        # bytes need no look at their values, which would read a whole memory map
        low, high = (0.0, 255.0) if array.dtype == np.uint8 else extent(array, where)
        self._convert = to_bytes(array.dtype, low, high, where)

    def open(self, place: int) -> Image.Image:
        pixels = np.ascontiguousarray(self._convert(np.asarray(self.array[place])))
        return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)

    def bytes(self) -> np.ndarray:
        """All of it as uint8 [N, height, width, channels]; the array itself where it is that already."""
        return self._convert(self.array)


def walk(root: Path) -> list[Entry]:
    """Every plain file below the folder, sorted by name; links to folders are followed, each folder once."""
    entries: list[Entry] = []
    seen: set[tuple[int, int]] = set()
    for here, folders, files in os.walk(root, followlinks=True):
        known = Path(here).stat()
        if (known.st_dev, known.st_ino) in seen:
            folders.clear()
            continue
        seen.add((known.st_dev, known.st_ino))
        folders[:] = sorted(folder for folder in folders if not hidden([folder]))
        entries += _files(root, here, files)
    return sorted(entries)


def _files(root: Path, here: str, files: list[str]) -> Iterator[Entry]:
    for file in files:
        path = os.path.join(here, file)
        try:
            status = os.stat(path)
        except OSError:  # a link to nowhere
            continue
        if stat.S_ISREG(status.st_mode):
            yield os.path.relpath(path, root).replace(os.sep, "/"), status.st_size, status.st_mtime_ns


def members(archive: zipfile.ZipFile) -> list[Entry]:
    """Every file in the zip, sorted by name, with its checksum as what changes."""
    return sorted((info.filename, info.file_size, info.CRC) for info in archive.infolist() if not info.is_dir())


def open_zip(path: Path) -> zipfile.ZipFile:
    """A UserError where it is no zip."""
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read as a zip ({error}).") from error
