"""What was computed from real data is kept in the cache, under the hash of everything that it depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ganwright.core.domain import Stored
from ganwright.core.metric import Array
from ganwright.data import _places

PART = 4096  # samples hashed at a time: a memory map is never in memory as a whole


def cached(kind: str, words: object, compute: Callable[[], Array]) -> Array:
    """The array of that kind and those words, from the cache or computed; the file is written beside and renamed."""
    path = _places.cache() / kind / f"{hashlib.sha256(str(words).encode()).hexdigest()[:40]}.npy"
    try:
        found: Array = np.load(path, allow_pickle=False)
        return found
    except (OSError, ValueError, EOFError):
        found = compute()
    with _places.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with beside.open("wb") as file:
            np.save(file, found)
        beside.replace(path)
    return found


def content(stored: Stored, labels: NDArray[np.int64] | None = None) -> str:
    """A hash of samples and their labels."""
    digest = hashlib.sha256(str((stored.shape, str(stored.dtype), labels is None)).encode())
    for start in range(0, len(stored), PART):
        digest.update(np.ascontiguousarray(stored[start : start + PART]).tobytes())
    if labels is not None:
        digest.update(labels.tobytes())
    return digest.hexdigest()
