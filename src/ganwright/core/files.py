"""Files of samples: those in a folder, and arrays without pickled objects."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


def read_arrays(path: Path) -> tuple[Array, Array | None]:
    """The samples in an .npy (memory-mapped) or .npz file, and the labels in an .npz if it has any.

    Raises UserError, which names the file, if it cannot be read, holds Python objects, or lacks samples.
    """
    try:
        content = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(content, np.ndarray):
            if not content.ndim:
                raise UserError(f"{path} holds a single number, not samples.")
            return content, None
        with content:
            return _named(content, SAMPLES, path), _named(content, LABELS, path, needed=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        pickled = "object" in str(error).lower()  # NumPy's message for any file that does not begin as an array
        reason = "it is no array, or one of Python objects, which are never unpickled" if pickled else error
        raise UserError(f"{path} cannot be read as an array ({reason}).") from error


def _named(content: Any, names: Sequence[str], path: Path, needed: bool = True) -> Any:
    name = next((name for name in names if name in content.files), None)
    if name is None and needed:
        arrays = ", ".join(content.files) or "no arrays"
        raise UserError(f"{path} holds {arrays}; expected one of {', '.join(names)}.")
    return None if name is None else content[name]
