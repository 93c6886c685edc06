"""Caches arrays computed from real data, under a hash of everything that they depend on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ganwright.core.domain import Stored
from ganwright.core.metric import Array
from ganwright.data import _places

PART = 4096  # samples hashed at a time, so that a memory map is never loaded as a whole


def cached(kind: str, key: object, compute: Callable[[], Array]) -> Array:
    """Returns the cached array of a `kind` and `key`, or computes and caches it; writes atomically."""
    name = hashlib.sha256(str(key).encode(errors="surrogateescape")).hexdigest()[:40]
    path = _places.cache() / kind / f"{name}.npy"
    try:
        array: Array = np.load(path, allow_pickle=False)
        return array
    except (OSError, ValueError, EOFError):
        array = compute()
    with _places.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.save(file, array)
        partial.replace(path)
    return array


def content(stored: Stored, labels: NDArray[np.int64] | None = None) -> str:
    """Returns the SHA-256 of samples and their labels."""
    digest = hashlib.sha256(str((stored.shape, str(stored.dtype), labels is None)).encode())
    for start in range(0, len(stored), PART):
        digest.update(np.ascontiguousarray(stored[start : start + PART]).tobytes())
    if labels is not None:
        digest.update(labels.tobytes())
    return digest.hexdigest()
