"""Pictures and labels in the IDX files of LeCun, Cortes & Burges (http://yann.lecun.com/exdb/mnist/)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._choices import Split, check
from ganwright.data._download import Official, fetch
from ganwright.data._places import cache, local
from ganwright.domains.images import Images


@dataclass(frozen=True)
class IdxSet:
    """A data set of four IDX files: pictures and labels, for training and for testing."""

    name: str
    folders: tuple[str, ...]  # names of its folder, the first is that in the cache
    files: Mapping[str, tuple[Official, Official]]  # split -> pictures, labels
    classes: tuple[str, ...]


def load(idx_set: IdxSet, split: Split) -> Data:
    """One split: uint8 [N, height, width, 1] with labels; a UserError where a file is neither found nor fetched."""
    check("split", split, Split)
    where, what = (_find(idx_set, official) for official in idx_set.files[split])
    pictures, labels = read(where, dimensions=3), read(what, dimensions=1)
    if len(pictures) != len(labels) or labels.max(initial=0) >= len(idx_set.classes):
        raise UserError(f"{where} and {what} do not belong together.")
    domain = Images(pictures.shape[1], pictures.shape[2], 1)
    notes = (f"The {split} part, read from {where.parent}.",)
    return Data(idx_set.name, domain, pictures[..., None], labels.astype(np.int64), idx_set.classes, notes)


def read(path: Path, dimensions: int) -> np.ndarray:
    """An IDX file of unsigned bytes, gzipped or not; a UserError where it is cut short or something else."""
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({error}).") from error
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(content[at : at + 4]) for at in range(4, start, 4))
    if content[:4] != bytes([0, 0, 8, dimensions]) or len(content) != start + prod(shape):
        raise UserError(f"{path} is not a whole IDX file of bytes in {dimensions} dimensions.")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape).copy()


def _find(idx_set: IdxSet, official: Official) -> Path:
    own = local(idx_set.folders, (official.name, official.name.removesuffix(".gz")))
    return own or fetch(official, cache() / idx_set.folders[0])
