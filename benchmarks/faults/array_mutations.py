"""Damages .npy and .npz files: types, shapes and values of their arrays, headers, members, and torn bytes."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from collections.abc import Callable, Iterator

import numpy as np

TYPES = ("?", "u1", "i1", ">u2", "<i4", ">i8", "f2", ">f4", "f8", "g", "c8", "M8[s]", "S3", "U2", "O", "V4", "<u8")
VALUES = (np.nan, np.inf, -np.inf, 0, 1, -1, 1.05, 2, 127, 128, 255, 256, 4095, 65535, 65536, 1e39, -1e-9, 1 << 40)
NAMES = ("samples", "images", "x", "y", "labels", "conditions", "arr_0", "x_train", "", "../x", "a\x07b", "ü")
SHAPES = ("(1000000000000, 8, 8)", "(-1, 8)", "(2, 8, 9)", "()", "(0,)", "('a',)", "(2**62, 4)", "[4, 8]", "(" * 300)
HEADERS = (b"'descr': '|O'", b"'descr': '<f9'", b"'descr': [('a', '<i4')]", b"'descr': __import__('os')", b"'desc': 1")

Change = Callable[[bytes, random.Random], bytes]


def mutations(content: bytes, rng: random.Random) -> Iterator[bytes]:
    """Endlessly, variants of a small .npy file, some of them as an .npz."""
    while True:
        changed = content
        if rng.random() < 0.7:
            changed = _saved(_array(np.load(io.BytesIO(content)), rng))
        if rng.random() < 0.5:
            changed = rng.choice((_header, _shape, _truncated, _flipped, _longer))(changed, rng)
        if rng.random() < 0.4:
            changed = _archive(changed, rng)
            if rng.random() < 0.3:
                changed = rng.choice((_truncated, _flipped))(changed, rng)
        yield changed


def _saved(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _array(array: np.ndarray, rng: random.Random) -> np.ndarray:
    """The array in another type, shape, layout or range, or with other values."""
    changed = array
    if rng.random() < 0.5:
        changed = _cast(changed * np.float64(rng.choice((1, 1 / 255, 2 / 255, 1.05, 16, 257))), rng.choice(TYPES))
    if rng.random() < 0.3 and changed.dtype.kind in "fiu":
        changed = changed.copy()
        changed.flat[rng.randrange(max(changed.size, 1))] = _cast(np.array(rng.choice(VALUES)), changed.dtype.str)[()]
    if rng.random() < 0.4:
        shape = rng.choice(
            ((-1,), (1, -1), (-1, 2), (-1, 1), (2, -1, 1), (1, 1, -1), array.shape[::-1], (*array.shape, 1))
        )
        changed = changed.reshape(shape)
    if rng.random() < 0.2:
        changed = changed[: rng.randint(0, 2)]
    return np.asfortranarray(changed) if rng.random() < 0.2 else changed


def _cast(array: np.ndarray, kind: str) -> np.ndarray:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return array.astype(kind)
        except (TypeError, ValueError):
            return np.zeros(array.shape, kind)


def _header(content: bytes, rng: random.Random) -> bytes:
    start = content.find(b"'descr'")
    end = content.find(b",", start)
    return content[:start] + rng.choice(HEADERS) + content[end:] if start >= 0 else content


def _shape(content: bytes, rng: random.Random) -> bytes:
    start = content.find(b"'shape': ") + 9
    end = content.find(b")", start) + 1
    return content[:start] + rng.choice(SHAPES).encode() + content[end:] if start >= 9 else content


def _archive(content: bytes, rng: random.Random) -> bytes:
    """The file as one of the arrays of an .npz."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", rng.choice((0, 8))) as archive:
        warnings.simplefilter("ignore")  # of names that occur twice
        for name in rng.choices(NAMES, k=rng.randint(0, 3)):
            labels = _saved(np.arange(rng.randint(0, 5)))
            archive.writestr(f"{name}.npy", rng.choice((content, content, labels, b"", b"text")))
        archive.writestr(rng.choice(("samples.npy", "labels.npy", "x", "note.txt")), content)
    return buffer.getvalue()


def _truncated(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randint(0, len(content))]


def _longer(content: bytes, rng: random.Random) -> bytes:
    return content + bytes(rng.randint(1, 99))


def _flipped(content: bytes, rng: random.Random) -> bytes:
    torn = bytearray(content or b"\n")
    for _ in range(rng.randint(1, 5)):
        torn[rng.randrange(min(len(torn), 200))] = rng.randrange(256)
    return bytes(torn)
