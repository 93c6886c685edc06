"""Files of samples: those in a folder, and arrays without pickled objects."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator, Sequence
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


def walk(root: Path) -> list[Entry]:
    """Every regular file below the folder, sorted by name; links are followed, each folder is visited once."""
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
        path = os.path.join(here, file)  # noqa: PTH118 - a Path for each of a million files is slow
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:  # a broken link
            continue
        if stat.S_ISREG(status.st_mode):
            yield os.path.relpath(path, root).replace(os.sep, "/"), status.st_size, status.st_mtime_ns


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
