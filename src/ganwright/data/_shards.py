"""Pictures in tar shards, as webdataset has them: read in place, each decoded when it is asked for.

An index says where each picture's bytes lie; it is built once and kept in the cache, under the names, sizes and times
of the shards. Members that share a name up to its first dot are one sample: `000.png` and its label in `000.cls` or
`000.json`.
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
from ganwright.data._layout import is_picture, printable
from ganwright.data._pictures import LEAST, Fit, Frame, fitted, is_grey, opened
from ganwright.data._places import cache, writing
from ganwright.data._prepare import default_size, why
from ganwright.data._progress import bar
from ganwright.data._tar import members
from ganwright.domains.images import Images

FORMAT = 2  # of an index; another number builds it anew
SURVEYED = 1000  # pictures, evenly chosen, whose headers decide on size and colour
OPEN = 64  # shards that are kept open at a time
DENSE = 2**17  # bytes a picture: shards of smaller ones are read as a whole sooner than header by header
LABELS = (".cls", ".json")
WORDS = ("cls", "label", "class")  # names of a label in a .json


@dataclass(frozen=True)
class Index:
    """Where each picture lies: its shard, the offset of its bytes, and their number; and its label's place in `words`.

    The first of the words is "", for no label.
    """

    shard: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    label: np.ndarray
    words: np.ndarray

    def __len__(self) -> int:
        return len(self.shard)


class Shards:
    """uint8 [N, height, width, channels] that lies in tar files: it answers by rows, shape, and as a whole."""

    dtype = np.dtype(np.uint8)

    def __init__(self, paths: list[Path], index: Index, frame: Frame, fit: Fit) -> None:
        self.paths, self.index, self.frame, self.fit = paths, index, frame, fit
        self.files: dict[int, int] = {}  # handles of open shards, the oldest first

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), *self.frame.shape

    @property
    def ndim(self) -> int:
        return 4

    @property
    def nbytes(self) -> int:
        """Of the whole array, as if it were there."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, key: Any) -> np.ndarray:
        """Indexed along its first dimension, by a number, a slice or an array; each shard is read forward."""
        places = np.arange(len(self))[key]
        if places.ndim == 0:
            return self._picture(int(places))
        pictures = np.empty((len(places), *self.frame.shape), self.dtype)
        for row in np.argsort(places):
            pictures[row] = self._picture(int(places[row]))
        return pictures

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)

    def __del__(self) -> None:
        for handle in self.files.values():
            os.close(handle)

    def prefetch(self, rows: np.ndarray) -> None:
        """Tells the system that these pictures are wanted soon, so that the disk works meanwhile."""
        if hasattr(os, "posix_fadvise"):
            for row in rows.tolist():
                handle, index = self._opened(int(self.index.shard[row])), self.index
                os.posix_fadvise(handle, int(index.offset[row]), int(index.size[row]), os.POSIX_FADV_WILLNEED)

    def look(self, place: int) -> tuple[int, bool]:
        """The short side of a picture, and whether it is grey; a UserError where it cannot be opened."""
        try:
            with opened(io.BytesIO(self._bytes(place))) as image:
                return min(image.size), is_grey(image)
        except Exception as error:  # a decoder may raise anything
            raise self._broken(place, error) from None

    def _picture(self, place: int) -> np.ndarray:
        try:
            with opened(io.BytesIO(self._bytes(place))) as image:
                return fitted(image, self.frame, self.fit)
        except Exception as error:  # a decoder may raise anything
            raise self._broken(place, error) from None

    def _bytes(self, place: int) -> bytes:
        handle = self._opened(int(self.index.shard[place]))
        return os.pread(handle, int(self.index.size[place]), int(self.index.offset[place]))

    def _opened(self, shard: int) -> int:
        if shard not in self.files:
            if len(self.files) >= OPEN:
                os.close(self.files.pop(next(iter(self.files))))
            self.files[shard] = os.open(self.paths[shard], os.O_RDONLY)
        return self.files[shard]

    def _broken(self, place: int, error: Exception) -> UserError:
        path, offset = self.paths[int(self.index.shard[place])], int(self.index.offset[place])
        return UserError(f"{path} has a picture that cannot be read, {_name(path, offset)} ({why(error)}).")


def load(paths: list[Path], fit: Fit, name: str, where: str) -> Data:
    """The pictures of some shards in their order, brought to one size as those of a folder are.

    A UserError names the shard, or the picture in it, that is broken; or says that there are none.
    """
    index = indexed(paths, where)
    if not len(index):
        raise UserError(f"{where} holds no pictures.")
    frame, note = _surveyed(Shards(paths, index, Frame(LEAST, LEAST, "RGB"), fit))
    notes = [f"{len(paths):,} shards, read in place.", note]
    labels, classes = None, tuple[str, ...]()
    unlabelled = int((index.label == 0).sum())
    if not unlabelled:
        words = index.words[1:]
        order = np.argsort([int(word) for word in words] if all(map(_whole, words)) else words)
        labels, classes = np.argsort(order)[index.label - 1], tuple(printable(str(words[place])) for place in order)
    elif unlabelled < len(index):
        notes.append(f"{unlabelled:,} pictures have no label, so none is used.")
    # it answers as an array does wherever samples are read: by rows, by shape, and as a whole
    samples = cast(np.ndarray, Shards(paths, index, frame, fit))
    return Data(name, Images(*frame.shape), samples, labels, classes, tuple(notes))


def indexed(paths: list[Path], where: str) -> Index:
    """The index of some shards, from the cache or built; of several processes one builds and the others wait."""
    status = [(str(path.absolute()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    digest = blake2b(json.dumps([FORMAT, status]).encode(), digest_size=16).hexdigest()
    target = cache() / "shards" / f"{digest}.npz"
    if found := _kept(target):
        return found
    with writing(cache()):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock")):
            found = _kept(target) or _built(paths, where)
            part = target.with_suffix(".part")
            with part.open("wb") as file:
                np.savez(file, **asdict(found))
            part.replace(target)
    return found


def _kept(target: Path) -> Index | None:
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
                _ask_whole(paths[shard + 1 : shard + 2])
            places = [(shard, start, size, words.setdefault(label, len(words))) for start, size, label in samples]
            rows.append(np.array(places, dtype=np.int64).reshape(-1, 4))
            report(shard + 1, len(paths))
    shards, offsets, sizes, labels = np.concatenate(rows).T
    return Index(shards.astype(np.int32), offsets, sizes, labels, np.array(list(words)))


def _ask_whole(paths: list[Path]) -> None:
    """Tells the system that these files are wanted soon."""
    if hasattr(os, "posix_fadvise"):
        for path in paths:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def _samples(path: Path) -> list[tuple[int, int, str]]:
    """Offset, size and label of each picture in a shard, in its order."""
    pictures: dict[str, tuple[int, int]] = {}
    labels: dict[str, str] = {}
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for name, start, size in members(content):
                folder, _, own = name.rpartition("/")
                key = f"{folder}/{own.partition('.')[0]}"
                if is_picture(name):
                    pictures[key] = start, size
                elif own.endswith(LABELS):
                    labels[key] = _label(path, name, content[start : start + size]) or labels.get(key, "")
    except (tarfile.TarError, OSError, ValueError) as error:  # ValueError: a file of no bytes cannot be mapped
        raise UserError(f"The shard {path} cannot be read ({why(error)}).") from None
    return [(*place, labels.get(key, "")) for key, place in pictures.items()]


def _label(path: Path, name: str, content: bytes) -> str:
    """The label in a .cls, or in a .json under one of its usual names; "" where there is none."""
    text = content.decode(errors="replace").strip()
    if name.endswith(".cls"):
        return text
    try:
        words = json.loads(text)
    except ValueError:
        raise UserError(f"{path} has a label that is no JSON, {printable(name)}.") from None
    found = [words[name] for name in WORDS if name in words] if isinstance(words, dict) else [words]
    return str(found[0]) if found else ""


def _surveyed(shards: Shards) -> tuple[Frame, str]:
    """Size and colour, as a folder's pictures would have them, from the headers of some; and a note that says so."""
    fit = shards.fit
    places = np.unique(np.linspace(0, len(shards) - 1, SURVEYED).astype(int))
    sides, greys = zip(*(shards.look(int(place)) for place in places), strict=True)
    size = fit.size or default_size(list(sides))
    grey = fit.grey or (all(greys) and fit.grey_ground)
    note = f"Size {size}, {'grey' if grey else 'RGB'}: from the headers of {len(places):,} of {len(shards):,} pictures."
    return Frame(size, size, "L" if grey else "RGB"), note


def _name(path: Path, offset: int) -> str:
    """The name in the header before a member's bytes."""
    with path.open("rb") as file:
        file.seek(max(offset - tarfile.BLOCKSIZE, 0))
        return printable(file.read(100).split(b"\0")[0].decode(errors="replace"))


def _whole(word: str) -> bool:
    return word.removeprefix("-").isdecimal()
