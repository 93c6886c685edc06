"""Reads pictures and labels from IDX files (LeCun, Cortes & Burges, http://yann.lecun.com/exdb/mnist/)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from ganwright.core.choices import Split, check
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._download import RemoteFile, fetch
from ganwright.data._places import cache, local
from ganwright.domains.images import Images


@dataclass(frozen=True)
class IdxSet:
    """A data set of four IDX files: pictures and labels of a training and a test part."""

    name: str
    folders: tuple[str, ...]  # names of its folder in GANWRIGHT_DATA; the first one is used in the cache
    files: Mapping[str, tuple[RemoteFile, RemoteFile]]  # split -> pictures, labels
    classes: tuple[str, ...]


def load(idx_set: IdxSet, split: Split) -> Data:
    """One part: uint8 [N, height, width, 1] with labels; raises UserError if a file is missing and not downloaded."""
    check("split", split, Split)
    pictures_path, labels_path = (_find(idx_set, remote) for remote in idx_set.files[split])
    pictures, labels = read(pictures_path, dimensions=3), read(labels_path, dimensions=1)
    if len(pictures) != len(labels) or labels.max(initial=0) >= len(idx_set.classes):
        raise UserError(f"{pictures_path} and {labels_path} do not match.")
    domain = Images(pictures.shape[1], pictures.shape[2], 1)
    notes = (f"The {split} part, read from {pictures_path.parent}.",)
    return Data(idx_set.name, domain, pictures[..., None], labels.astype(np.int64), idx_set.classes, notes)


def read(path: Path, dimensions: int) -> np.ndarray:
    """An IDX file of unsigned bytes, gzipped or not; raises UserError if it is truncated or in another format."""
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({error}).") from error
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(content[at : at + 4]) for at in range(4, start, 4))
    if content[:4] != bytes([0, 0, 8, dimensions]) or len(content) != start + prod(shape):
        raise UserError(f"{path} is not a complete IDX file of bytes in {dimensions} dimensions.")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape).copy()


def _find(idx_set: IdxSet, remote: RemoteFile) -> Path:
    own = local(idx_set.folders, (remote.name, remote.name.removesuffix(".gz")))
    return own or fetch(remote, cache() / idx_set.folders[0])
