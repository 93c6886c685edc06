"""Sources that open pictures one by one from a folder, a zip or an array; only names are held in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.core.files import Entry
from ganwright.domains._pictures import opened
from ganwright.domains._values import Range, scaled

MAX_MEMBER_SIZE = 1 << 28  # bytes: larger members of a zip are not unpacked


class PictureSource(Protocol):
    """Pictures by index; `open` is thread-safe and may raise any exception."""

    @property
    def names(self) -> Sequence[str]: ...

    def open(self, index: int) -> Image.Image: ...


@dataclass(frozen=True)
class Folder:
    root: Path
    names: Sequence[str]

    def open(self, index: int) -> Image.Image:
        return opened(str(self.root / self.names[index]))


@dataclass(frozen=True)
class Zip:
    archive: zipfile.ZipFile
    names: Sequence[str]

    def open(self, index: int) -> Image.Image:
        member = self.archive.getinfo(self.names[index])
        if member.file_size > MAX_MEMBER_SIZE:
            raise ValueError(f"unpacks to {member.file_size:,} bytes")
        return opened(io.BytesIO(self.archive.read(member)))


@dataclass(frozen=True)
class Tree:
    """The files below a folder or in a zip: `root` identifies it in cache keys, `where` names it in messages, and
    `source` opens the pictures of the names that it receives."""

    name: str
    where: str
    root: str
    entries: Sequence[Entry]
    source: Callable[[Sequence[str]], PictureSource]


class Stack:
    """A source of pictures from an array [N, height, width] or [N, height, width, channels] of any dtype.

    `values` are those of black and white.
    """

    def __init__(self, array: np.ndarray, values: Range) -> None:
        self.array = array[..., None] if array.ndim == 3 else array
        self.names = [f"[{index}]" for index in range(len(array))]
        self._convert = scaled(values)

    def open(self, index: int) -> Image.Image:
        pixels = np.ascontiguousarray(self._convert(np.asarray(self.array[index])))
        return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)

    def bytes(self) -> np.ndarray:
        """The whole array as uint8 [N, height, width, channels]; the array itself if it is that already."""
        return self._convert(self.array)


def members(archive: zipfile.ZipFile) -> list[Entry]:
    """Every file in the zip, sorted by name, with its checksum."""
    return sorted((info.filename, info.file_size, info.CRC) for info in archive.infolist() if not info.is_dir())


def open_zip(path: Path) -> zipfile.ZipFile:
    """Opens a zip; raises UserError if it is not one."""
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read as a zip ({error}).") from error
