"""Loads pictures from tar shards in webdataset's layout; each is read and decoded on access.

An index holds the offset of each picture's bytes; it is built once and cached under the names, sizes and times of the
shards. Members whose names agree up to the first dot are one sample: `000.png` and its label `000.cls` or `000.json`.
"""

from __future__ import annotations

import io
import json
import mmap
import os
import tarfile
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import numpy as np
from filelock import FileLock

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._layout import printable
from ganwright.data._places import cache, writing
from ganwright.data._prepare import default_size
from ganwright.data._progress import bar
from ganwright.data._tar import members
from ganwright.domains._pictures import MIN_SIDE, Fit, Frame, fitted, is_grey, is_picture, opened, why
from ganwright.domains.images import Images

FORMAT = 2  # of cached indices; another number invalidates them
SURVEYED = 1000  # evenly spaced pictures whose headers determine size and colour
MAX_OPEN = 64  # open shards
DENSE = 2**17  # bytes per picture: below it, reading a whole shard ahead is faster than reading its headers
LABELS = (".cls", ".json")
LABEL_KEYS = ("cls", "label", "class")  # of a .json


@dataclass(frozen=True)
class Index:
    """Shard, offset and size in bytes of each picture, and the index of its label in `words`.

    `words[0]` is "", for pictures without a label.
    """

    shard: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    label: np.ndarray
    words: np.ndarray

    def __len__(self) -> int:
        return len(self.shard)


class Shards:
    """An array-like uint8 [N, height, width, channels] over tar files."""

    dtype = np.dtype(np.uint8)

    def __init__(self, paths: list[Path], index: Index, frame: Frame, fit: Fit) -> None:
        self.paths, self.index, self.frame, self.fit = paths, index, frame, fit
        self.files: dict[int, int] = {}  # shard -> file descriptor, oldest first

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), *self.frame.shape

    @property
    def ndim(self) -> int:
        return 4

    @property
    def nbytes(self) -> int:
        """Bytes of the whole array if it were in memory."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, key: Any) -> np.ndarray:
        """Indexed along the first dimension by an integer, slice or array; shards are read in ascending order."""
        rows = np.arange(len(self))[key]
        if rows.ndim == 0:
            return self._picture(int(rows))
        pictures = np.empty((len(rows), *self.frame.shape), self.dtype)
        for position in np.argsort(rows):
            pictures[position] = self._picture(int(rows[position]))
        return pictures

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)

    def __del__(self) -> None:
        for handle in self.files.values():
            os.close(handle)

    def prefetch(self, rows: np.ndarray) -> None:
        """Asks the operating system to read these pictures ahead."""
        if hasattr(os, "posix_fadvise"):
            for row in rows.tolist():
                handle, index = self._opened(int(self.index.shard[row])), self.index
                os.posix_fadvise(handle, int(index.offset[row]), int(index.size[row]), os.POSIX_FADV_WILLNEED)

    def header(self, row: int) -> tuple[int, bool]:
        """The short side of a picture, and whether it is grey; raises UserError if it cannot be opened."""
        try:
            with opened(io.BytesIO(self._bytes(row))) as image:
                return min(image.size), is_grey(image)
        except Exception as error:  # a decoder may raise anything
            raise self._broken(row, error) from None

    def _picture(self, row: int) -> np.ndarray:
        try:
            with opened(io.BytesIO(self._bytes(row))) as image:
                return fitted(image, self.frame, self.fit)
        except Exception as error:  # a decoder may raise anything
            raise self._broken(row, error) from None

    def _bytes(self, row: int) -> bytes:
        handle = self._opened(int(self.index.shard[row]))
        return os.pread(handle, int(self.index.size[row]), int(self.index.offset[row]))

    def _opened(self, shard: int) -> int:
        if shard not in self.files:
            if len(self.files) >= MAX_OPEN:
                os.close(self.files.pop(next(iter(self.files))))
            self.files[shard] = os.open(self.paths[shard], os.O_RDONLY)
        return self.files[shard]

    def _broken(self, row: int, error: Exception) -> UserError:
        path, offset = self.paths[int(self.index.shard[row])], int(self.index.offset[row])
        return UserError(f"{path} has an unreadable picture, {_member_name(path, offset)} ({why(error)}).")


def load(paths: list[Path], fit: Fit, name: str, where: str) -> Data:
    """The pictures of some shards in order, converted to one size as those of a folder are.

    Raises UserError, which names the shard or picture that cannot be read, or if there are no pictures.
    """
    index = indexed(paths, where)
    if not len(index):
        raise UserError(f"{where} holds no pictures.")
    frame, note = _surveyed(Shards(paths, index, Frame(MIN_SIDE, MIN_SIDE, "RGB"), fit))
    notes = [f"{len(paths):,} shards, decoded on access.", note]
    labels, classes = None, tuple[str, ...]()
    unlabelled = int((index.label == 0).sum())
    if not unlabelled:
        words = index.words[1:]
        order = np.argsort([int(word) for word in words] if all(map(_is_integer, words)) else words)
        labels, classes = np.argsort(order)[index.label - 1], tuple(printable(str(words[label])) for label in order)
    elif unlabelled < len(index):
        notes.append(f"{unlabelled:,} pictures have no label, so labels are not used.")
    # Shards supports what is used of samples: rows, shape, and conversion to an array
    samples = cast(np.ndarray, Shards(paths, index, frame, fit))
    return Data(name, Images(*frame.shape), samples, labels, classes, tuple(notes))


def indexed(paths: list[Path], where: str) -> Index:
    """The index of some shards, cached or built; one process builds it while others wait."""
    status = [(str(path.absolute()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    digest = blake2b(json.dumps([FORMAT, status]).encode(), digest_size=16).hexdigest()
    target = cache() / "shards" / f"{digest}.npz"
    if cached := _cached(target):
        return cached
    with writing(cache()):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock")):
            built = _cached(target) or _built(paths, where)
            part = target.with_suffix(".part")
            with part.open("wb") as file:
                np.savez(file, **asdict(built))
            part.replace(target)
    return built


def _cached(target: Path) -> Index | None:
    try:
        with np.load(target, allow_pickle=False) as arrays:
            return Index(**{name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, TypeError):
        return None


def _built(paths: list[Path], where: str) -> Index:
    rows: list[np.ndarray] = []
    words = {"": 0}
    with bar(f"{where}: shards") as report:
        for shard, path in enumerate(paths):
            samples = _samples(path)
            if path.stat().st_size <= DENSE * len(samples):
                _read_ahead(paths[shard + 1 : shard + 2])
            entries = [(shard, start, size, words.setdefault(label, len(words))) for start, size, label in samples]
            rows.append(np.array(entries, dtype=np.int64).reshape(-1, 4))
            report(shard + 1, len(paths))
    shards, offsets, sizes, labels = np.concatenate(rows).T
    return Index(shards.astype(np.int32), offsets, sizes, labels, np.array(list(words)))


def _read_ahead(paths: list[Path]) -> None:
    """Asks the operating system to read these files ahead."""
    if hasattr(os, "posix_fadvise"):
        for path in paths:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def _samples(path: Path) -> list[tuple[int, int, str]]:
    """Offset, size and label of each picture in a shard, in order."""
    pictures: dict[str, tuple[int, int]] = {}
    labels: dict[str, str] = {}
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for name, start, size in members(content):
                folder, _, file_name = name.rpartition("/")
                key = f"{folder}/{file_name.partition('.')[0]}"
                if is_picture(name):
                    pictures[key] = start, size
                elif file_name.endswith(LABELS):
                    labels[key] = _label(path, name, content[start : start + size]) or labels.get(key, "")
    except (tarfile.TarError, OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise UserError(f"The shard {path} cannot be read ({why(error)}).") from None
    return [(*span, labels.get(key, "")) for key, span in pictures.items()]


def _label(path: Path, name: str, content: bytes) -> str:
    """The label in a .cls, or in a .json under one of its usual keys; "" if there is none."""
    text = content.decode(errors="replace").strip()
    if name.endswith(".cls"):
        return text
    try:
        words = json.loads(text)
    except ValueError:
        raise UserError(f"{path} has a label that is not JSON, {printable(name)}.") from None
    values = [words[key] for key in LABEL_KEYS if key in words] if isinstance(words, dict) else [words]
    return str(values[0]) if values else ""


def _surveyed(shards: Shards) -> tuple[Frame, str]:
    """Size and colour as of a folder's pictures, from the headers of a subset; and a note that says so."""
    fit = shards.fit
    rows = np.unique(np.linspace(0, len(shards) - 1, SURVEYED).astype(int))
    sides, greys = zip(*(shards.header(int(row)) for row in rows), strict=True)
    size = fit.size or default_size(list(sides))
    grey = fit.grey or (all(greys) and fit.grey_background)
    note = f"Size {size}, {'grey' if grey else 'RGB'}: from the headers of {len(rows):,} of {len(shards):,} pictures."
    return Frame(size, size, "L" if grey else "RGB"), note


def _member_name(path: Path, offset: int) -> str:
    """The name in the header that precedes a member's bytes."""
    with path.open("rb") as file:
        file.seek(max(offset - tarfile.BLOCKSIZE, 0))
        return printable(file.read(100).split(b"\0")[0].decode(errors="replace"))


def _is_integer(word: str) -> bool:
    return word.removeprefix("-").isdecimal()
