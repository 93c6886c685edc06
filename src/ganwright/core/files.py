"""Files of samples: those in a folder, and arrays without pickled objects."""

from __future__ import annotations

import math
import os
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganwright.core.errors import UserError

SAMPLES = ("samples", "images", "x")  # names in an .npz
LABELS = ("labels", "conditions", "y")

Array = np.ndarray[Any, Any]
Entry = tuple[str, int, int]  # name with forward slashes, size in bytes, and modification time or checksum


def hidden(parts: Sequence[str]) -> bool:
    """Whether a path has a hidden component (or macOS metadata in a zip)."""
    return any(part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in parts)


@dataclass
class Listing:
    """What lies below a folder: its regular files, its folders, and what is neither, under the reason.

    Names have forward slashes and are relative to the folder. Hidden folders are not entered.
    """

    entries: list[Entry] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, reason: str, name: str) -> None:
        self.skipped.setdefault(reason, []).append(name)


def walk(root: Path) -> list[Entry]:
    """Every regular file below the folder, sorted by name; links are followed, each folder is visited once."""
    return listing(root).entries


def listing(root: Path) -> Listing:
    """What lies below the folder, sorted by name; links are followed, each folder is visited once."""
    found = Listing()
    seen: set[tuple[int, int]] = set()

    def unreadable(error: OSError) -> None:
        found.skip(f"cannot be read ({error.strerror})", _relative(str(error.filename), root))

    for here, folders, files in os.walk(root, followlinks=True, onerror=unreadable):
        folders.sort()
        known, name = os.stat(here), _relative(here, root)  # noqa: PTH116
        if (known.st_dev, known.st_ino) in seen:
            found.skip("a link to a folder that was read already", name)
            folders.clear()
            continue
        seen.add((known.st_dev, known.st_ino))
        if name != ".":
            found.folders.append(name)
        for folder in [one for one in folders if hidden([one])]:
            found.skip("a hidden folder", _relative(os.path.join(here, folder), root))  # noqa: PTH118
            folders.remove(folder)
        for file in files:
            _add(found, os.path.join(here, file), root)  # noqa: PTH118 - a Path for each of a million files is slow
    found.entries.sort()
    found.folders.sort()
    return found


def _add(found: Listing, path: str, root: Path) -> None:
    name = _relative(path, root)
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return found.skip("a broken link", name)
    if stat.S_ISREG(status.st_mode):
        found.entries.append((name, status.st_size, status.st_mtime_ns))
    else:
        found.skip("no regular file (a pipe, socket or device)", name)


def _relative(path: str, root: Path) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


class SavedArrays(NamedTuple):
    """The samples in a file, their labels if it has any, and notes on what else it holds."""

    samples: Array
    labels: Array | None = None
    notes: tuple[str, ...] = ()


def read_arrays(path: Path) -> SavedArrays:
    """The samples in an .npy (memory-mapped) or .npz file, and the labels in an .npz if it has any.

    Raises UserError, which names the file, if it cannot be read, holds Python objects, or lacks samples.
    """
    try:
        content = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(content, np.ndarray):
            if not content.ndim:
                raise UserError(f"{path} holds a single number, not samples.")
            return SavedArrays(content)
        with content:
            return _named(content, path)
    except UserError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise UserError(f"{path} cannot be read as an array ({_reason(error)}).") from None


def _reason(error: Exception) -> str:
    """Why a file cannot be read as an array, as part of a sentence."""
    text = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    if "mmap length" in text:
        return "it is shorter than its header says"
    if "header" in text or not isinstance(error, (OSError, ValueError, EOFError, zipfile.BadZipFile)):
        return "its header is damaged"
    if "object" in text.lower():  # NumPy's message for any file that does not begin as an array
        return "it is no array, or one of Python objects, which are never unpickled"
    return text[:80]


def _named(content: Any, path: Path) -> SavedArrays:
    """The samples and labels of an .npz by their names; a single array besides labels needs none."""
    samples, labels = (_one_of(content.files, names, path) for names in (SAMPLES, LABELS))
    others = [name for name in content.files if name not in (samples, labels)]
    notes = []
    if samples is None and len(others) == 1:
        samples, others = others[0], []
        notes.append(f"The array {printable(samples)} is read as the samples.")
    if samples is None:
        found = ", ".join(map(printable, content.files)) or "no arrays"
        raise UserError(f"{path} holds {found}; expected one of {', '.join(SAMPLES)}, and labels if there are any.")
    if others:
        notes.append(f"Arrays that are not read: {', '.join(map(printable, others))}.")
    return SavedArrays(_member(content, samples), None if labels is None else _member(content, labels), tuple(notes))


def _one_of(found: Sequence[str], names: Sequence[str], path: Path) -> str | None:
    present = [name for name in names if name in found]
    if len(present) > 1:
        raise UserError(f"{path} holds {' and '.join(present)}, which mean the same: leave one of them.")
    return present[0] if present else None


def _member(content: Any, name: str) -> Array:
    """An array of an .npz; raises ValueError if it is shorter than its header says, before memory is taken for it."""
    member = content.zip.getinfo(f"{name}.npy")
    with content.zip.open(member) as file:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = read_header[version](file)
    if math.prod(shape) * dtype.itemsize > member.file_size and not dtype.hasobject:
        raise ValueError(f"{printable(name)} is truncated")
    array: Array = content[name]
    return array


def printable(name: str) -> str:
    """A name from a foreign file as part of a sentence."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:60]
