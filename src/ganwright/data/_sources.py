"""Sources that open pictures one by one from a folder, a zip or an array; only names are held in memory."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.core.files import Entry, Listing, hidden
from ganwright.data._layout import components
from ganwright.data._notes import printable
from ganwright.domains._picture_zip import unreadable_zip
from ganwright.domains._pictures import opened, why
from ganwright.domains._values import Range, scaled

MAX_MEMBER_SIZE = 1 << 28  # bytes: larger members of a zip are not unpacked
MAX_DENSE_SIZE, MAX_RATIO = 1 << 22, 100  # nor those of over 4 MiB that are packed to less than a hundredth


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
    members: Mapping[str, zipfile.ZipInfo]

    def open(self, index: int) -> Image.Image:
        return opened(io.BytesIO(unpacked(self.archive, self.members[self.names[index]])))


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member; raises ValueError if they are too many, or suspiciously many for what is packed."""
    size, packed = member.file_size, member.compress_size
    if size > MAX_MEMBER_SIZE or (size > MAX_DENSE_SIZE and size > MAX_RATIO * packed):
        raise ValueError(f"unpacks to {size:,} bytes from {packed:,}")
    return archive.read(member)


@dataclass(frozen=True)
class Tree:
    """The files below a folder or in a zip: `root` identifies it in cache keys, `where` names it in messages.

    `source` opens the pictures of the names that it receives, and `read` returns the bytes of a file (or OSError).
    `folders` are the names of all folders, and `skipped` what is no file or must not be read, by reason.
    """

    name: str
    where: str
    root: str
    entries: Sequence[Entry]
    source: Callable[[Sequence[str]], PictureSource]
    read: Callable[[str], bytes]
    folders: Sequence[str] = ()
    skipped: Mapping[str, Sequence[str]] = field(default_factory=dict)


def folder_tree(path: Path, listing: Listing) -> Tree:
    """The files below a folder."""
    return Tree(
        printable(path.absolute().name),
        str(path),
        str(path.absolute()),
        listing.entries,
        lambda names: Folder(path, names),
        lambda name: (path / name).read_bytes(),
        listing.folders,
        listing.skipped,
    )


def zip_tree(path: Path, archive: zipfile.ZipFile) -> Tree:
    """The members of a zip. Left out are links, names that lead out of it, and all but the last member of a name."""
    listing, members = Listing(), dict[str, zipfile.ZipInfo]()
    for member in archive.infolist():
        name = member.filename.replace("\\", "/")
        clean = "/".join(components(name))
        if leads_out(name):
            listing.skip("a name that leads out of the archive", name)
        elif not clean:
            listing.skip("an empty name", name or "''")
        elif name.endswith("/"):
            listing.folders.append(clean)
        elif stat.S_ISLNK(member.external_attr >> 16):
            listing.skip("a link", name)
        else:
            if clean in members:
                listing.skip("a name that occurs again in the archive", name)
            members[clean] = member
    listing.folders = sorted({*listing.folders, *(above for name in members for above in parents(name))})
    listing.entries = sorted((name, one.file_size, one.CRC) for name, one in members.items())

    def read(name: str) -> bytes:
        try:
            return unpacked(archive, members[name])
        except Exception as error:  # a damaged member may raise anything
            raise OSError(why(error)) from None

    return Tree(
        printable(path.stem),
        str(path),
        str(path.absolute()),
        listing.entries,
        lambda names: Zip(archive, names, members),
        read,
        listing.folders,
        listing.skipped,
    )


def leads_out(name: str) -> bool:
    """Whether a member's name is absolute or leads above its archive."""
    return name.startswith("/") or ".." in name.split("/") or (len(name) > 1 and name[1] == ":") or "\0" in name


def empty_folders(folders: Sequence[str], names: Sequence[str]) -> list[str]:
    """The uppermost of the folders that hold none of these files, also not below them; hidden ones are not named."""
    full = {above for name in names for above in parents(name)}
    empty = [folder for folder in folders if folder not in full and not hidden(folder.split("/"))]
    return [folder for folder in empty if folder.rpartition("/")[0] not in {*empty}]


def parents(name: str) -> list[str]:
    """The folders above a name."""
    words = name.split("/")
    return ["/".join(words[:count]) for count in range(1, len(words))]


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


def open_zip(path: Path) -> zipfile.ZipFile:
    """Opens a zip; raises UserError if it is not one."""
    try:
        return zipfile.ZipFile(path)
    except Exception as error:  # a damaged directory may raise anything
        raise UserError(unreadable_zip(path, error)) from None
