"""Loads pictures from tar shards in webdataset's layout; each is read and decoded on access.

An index holds the offset of each picture's bytes; it is built once and cached under the names, sizes and times of the
shards. Members whose names agree up to the first dot are one sample: `000.png` and its label `000.cls` or `000.json`.
"""

from __future__ import annotations

import io
import json
import mmap
import os
import re
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import numpy as np
from filelock import FileLock

from ganwright.core.choices import Part
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.files import Listing, hidden
from ganwright.data._labels import is_integer, word_of
from ganwright.data._layout import TOLERATED, Classes, part_of, parted, plan
from ganwright.data._notes import counted, left_out, printable, such_as
from ganwright.data._places import cache, writing
from ganwright.data._progress import bar
from ganwright.data._sources import leads_out
from ganwright.data._survey import Header, header_of, surveyed
from ganwright.data._tar import members
from ganwright.domains._pictures import MIN_SIDE, Fit, Frame, bombs_refused, fitted, is_picture, opened, why
from ganwright.domains.images import Images

FORMAT = 3  # of cached indices; another number invalidates them
SURVEYED = 1000  # evenly spaced pictures whose headers determine size and colour
MAX_OPEN = 64  # open shards
DENSE = 2**17  # bytes per picture: below it, reading a whole shard ahead is faster than reading its headers
LABELS = (".cls", ".json")
MAX_LABEL = 1 << 20  # bytes
FURTHER = "another picture of a sample that has one"
WORDS = re.compile(r"[-_.\s]")  # between the words of a shard's name
LABEL_KEYS = ("cls", "label", "class")  # of a .json


@dataclass(frozen=True)
class Index:
    """Shard, offset and size in bytes of each picture, and the indices of its label and of its folder.

    `words[0]` is "", for pictures without a label. `examples` are names of a picture in each folder; `notes` are
    sentences about what was left out.
    """

    shard: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    label: np.ndarray
    folder: np.ndarray
    words: np.ndarray
    folders: np.ndarray
    examples: np.ndarray
    notes: np.ndarray

    def __len__(self) -> int:
        return len(self.shard)

    def rows(self, chosen: np.ndarray) -> Index:
        """The index of some of the pictures."""
        names = ("shard", "offset", "size", "label", "folder")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


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

    @property
    def files_read(self) -> tuple[list[Path], bytes]:
        """The shards, and a key that says which pictures are read from them, and how."""
        index, key = self.index, repr([astuple(self.frame), self.fit.cache_key]).encode()
        return self.paths, blake2b(index.shard.tobytes() + index.offset.tobytes() + index.size.tobytes() + key).digest()

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

    def header(self, row: int) -> Header:
        """The header of a picture; raises UserError if it cannot be opened."""
        try:
            with opened(io.BytesIO(self._bytes(row))) as image:
                return header_of(image)
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


def parts(tars: Sequence[str], part: Part, where: str) -> tuple[list[int], tuple[str, ...]] | None:
    """Indices of the shards of a part and notes, by their folders or by a word in each name: `set-train-000.tar`.

    None if neither names parts.
    """
    if found := parted(tars, part, where):
        return found
    words = [next((word for word in WORDS.split(tar.rpartition("/")[2]) if part_of(word)), None) for tar in tars]
    if None in words:
        return None
    return parted([f"{word}/{place}" for place, word in enumerate(words)], part, where)


def load(paths: list[Path], fit: Fit, name: str, where: str, part: Part = "train", classes: Classes = "auto") -> Data:
    """The pictures of some shards in order, converted to one size as those of a folder are.

    Classes are the labels of the samples; where no picture has one, folders in the shards are parts and classes as in a
    folder of pictures. Raises UserError, which names the shard or picture that cannot be read, or if there are no
    pictures.
    """
    index = indexed(paths, where)
    if not len(index):
        raise UserError(f"{where} holds no pictures.")
    counts = np.bincount(index.folder, minlength=len(index.folders)).tolist()
    unlabelled = int((index.label == 0).sum())
    by_folder = classes if classes != "auto" or unlabelled == len(index) else "none"
    found = plan(index.folders.tolist(), counts, index.examples.tolist(), part, where, by_folder)
    place = found.place[index.folder]
    index = index if (place >= 0).all() else index.rows(np.flatnonzero(place >= 0))
    with bombs_refused():
        frame, surveyed_notes = _surveyed(Shards(paths, index, Frame(MIN_SIDE, MIN_SIDE, "RGB"), fit))
    notes = [
        f"{counted(len(paths), 'shard')}, decoded on access.",
        *surveyed_notes,
        *found.notes,
        *index.notes.tolist(),
    ]
    labels, names = (place[place >= 0], found.classes) if found.classes else (None, ())
    if classes == "auto" and not found.classes:
        labels, names, note = _sample_labels(index)
        notes += note
    # Shards supports what is used of samples: rows, shape, and conversion to an array
    samples = cast(np.ndarray, Shards(paths, index, frame, fit))
    return Data(name, Images(*frame.shape), samples, labels, names, tuple(notes))


def _sample_labels(index: Index) -> tuple[np.ndarray | None, tuple[str, ...], list[str]]:
    """The labels of the samples and the names of the classes, in the order of numbers if all are; and notes."""
    unlabelled = int((index.label == 0).sum())
    if unlabelled:
        some = unlabelled < len(index)
        return None, (), [f"{counted(unlabelled, 'picture')} without a label: labels are not used."] if some else []
    used, labels = np.unique(index.label, return_inverse=True)
    words = index.words[used]
    order = np.argsort([int(word) for word in words] if all(map(is_integer, words)) else words)
    return np.argsort(order)[labels], tuple(printable(str(words[label])) for label in order), []


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
    except Exception:  # a damaged cache may raise anything; it is made again
        return None


def _built(paths: list[Path], where: str) -> Index:
    rows: list[np.ndarray] = []
    words, folders, examples = {"": 0}, dict[str, int](), list[str]()
    skipped = Listing()
    with bar(f"{where}: shards") as report:
        for shard, path in enumerate(paths):
            samples = _samples(path, skipped)
            if path.stat().st_size <= DENSE * len(samples):
                _read_ahead(paths[shard + 1 : shard + 2])
            entries = []
            for name, start, size, label in samples:
                folder = folders.setdefault(printable(name.rpartition("/")[0]), len(folders))
                if folder == len(examples):
                    examples.append(printable(name))
                entries.append((shard, start, size, words.setdefault(label, len(words)), folder))
            rows.append(np.array(entries, dtype=np.int64).reshape(-1, 5))
            report(shard + 1, len(paths))
    shards, offsets, sizes, labels, of_folder = np.concatenate(rows).T
    _refuse_many(skipped, len(shards), where)
    texts = ([*words], [*folders], examples, [*left_out(skipped.skipped)])
    return Index(
        shards.astype(np.int32), offsets, sizes, labels, of_folder, *(np.array(text, dtype=np.str_) for text in texts)
    )


def _refuse_many(skipped: Listing, count: int, where: str) -> None:
    """A UserError if over 1 % of the pictures share their sample with another one."""
    further = skipped.skipped.get(FURTHER, [])
    if len(further) > TOLERATED * (count + len(further)):
        raise UserError(
            f"{printable(where)} has {counted(len(further), 'picture')} of which another with the same name up to the "
            f"first dot exists{such_as(further)}: they are one sample, so keep one picture of each, or rename them."
        )


def _read_ahead(paths: list[Path]) -> None:
    """Asks the operating system to read these files ahead."""
    if hasattr(os, "posix_fadvise"):
        for path in paths:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def _samples(path: Path, skipped: Listing) -> list[tuple[str, int, int, str]]:
    """Name, offset, size and label of each picture in a shard, in order; other members are added to `skipped`."""
    pictures: dict[str, tuple[str, int, int]] = {}
    labels: dict[str, str] = {}
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for name, start, size in members(content, skipped.skip):
                folder, _, file_name = name.rpartition("/")
                key = f"{folder}/{file_name.partition('.')[0]}"
                if leads_out(name):
                    skipped.skip("a name that leads out of the archive", name)
                elif is_picture(name):
                    if key in pictures:
                        again = pictures[key][0] == name
                        skipped.skip("a name that occurs again in the archive" if again else FURTHER, name)
                    if key not in pictures or pictures[key][0] == name:
                        pictures[key] = name, start, size
                elif file_name.endswith(LABELS):
                    _add_label(labels, key, _label(path, name, content[start : start + size]), path)
                elif not hidden(name.split("/")):
                    skipped.skip("neither a picture nor a label", name)
    except (tarfile.TarError, OSError, ValueError, RecursionError) as error:  # ValueError: an empty file
        raise UserError(f"The shard {path} cannot be read ({why(error)}).") from None
    return [(*found, labels.get(key, "")) for key, found in pictures.items()]


def _add_label(labels: dict[str, str], key: str, label: str, path: Path) -> None:
    if label and labels.setdefault(key, label) != label:
        sample = printable(key.removeprefix("/"))
        raise UserError(
            f"{path} gives the sample {sample} two labels, {printable(labels[key])} and {printable(label)}."
        )


def _label(path: Path, name: str, content: bytes) -> str:
    """The label in a .cls, or in a .json under one of its usual keys; "" if there is none."""
    if len(content) > MAX_LABEL:
        raise UserError(f"{path} has a label of {len(content):,} bytes, {printable(name)}.")
    text = content.decode(errors="replace").strip()
    if name.endswith(".cls"):
        return word_of(text, name)
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{path} has a label that is not JSON, {printable(name)}.") from None
    values = [words[key] for key in LABEL_KEYS if key in words] if isinstance(words, dict) else [words]
    return word_of(values[0], f"{path}: the label in {printable(name)}") if values else ""


def _surveyed(shards: Shards) -> tuple[Frame, list[str]]:
    """Size and colour as of a folder's pictures, from the headers of a subset; and notes that say so."""
    rows = np.unique(np.linspace(0, len(shards) - 1, SURVEYED).astype(int))
    frame, notes = surveyed([shards.header(int(row)) for row in rows], shards.fit, "pictures")
    what = f"{frame.height}x{frame.width}, {'grey' if frame.mode == 'L' else 'RGB'}"
    note = f"Read as {what}: by the headers of {len(rows):,} of {len(shards):,} pictures."
    return frame, [note, *notes]


def _member_name(path: Path, offset: int) -> str:
    """The name in the header that precedes a member's bytes."""
    with path.open("rb") as file:
        file.seek(max(offset - tarfile.BLOCKSIZE, 0))
        return printable(file.read(100).split(b"\0")[0].decode(errors="replace"))
