"""A hash of a data set's content, by which a resumed run notices that the data have changed.

All samples, conditions and labels are hashed, up to `LIMIT` bytes of each array; of a larger one evenly spaced blocks.
The hash of a file that is mapped into memory is kept in the cache, under the file's path, size and time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from ganwright.core.data import Data
from ganwright.data._places import cache

LIMIT = 2 << 30  # bytes of an array or of files that are hashed: some seconds
LAZY_LIMIT = 1 << 26  # bytes of samples that are made when they are read, which may be slow
BLOCK = 1 << 22  # bytes that are read at once


@dataclass(frozen=True)
class Fingerprint:
    """A digest, and what it covers, such as `all 60,000 samples`."""

    digest: str
    covers: str
    complete: bool


def fingerprint(data: Data) -> Fingerprint:
    """The fingerprint of samples, conditions, labels and the names of the classes."""
    digest, covers = blake2b(digest_size=32), list[Fingerprint]()
    for noun, stored in (("samples", data.samples), ("conditions", data.conditions), ("labels", data.labels)):
        if stored is not None:
            covers.append(_of(stored, noun))
            digest.update(f"{noun} {list(stored.shape)} {stored.dtype} {covers[-1].digest} ".encode())
    digest.update("\0".join(data.classes).encode(errors="surrogatepass"))
    words = ", ".join(one.covers for one in covers)
    return Fingerprint(digest.hexdigest(), words, all(one.complete for one in covers))


def _of(stored: Any, noun: str) -> Fingerprint:
    """Of one array, or of what answers as one: by the files it reads if it names them, else by its rows."""
    files = getattr(stored, "files_read", None)
    if files is not None:
        return _of_files(*files)
    limit = LIMIT if isinstance(stored, np.ndarray) else LAZY_LIMIT
    count, size = len(stored), max(1, int(np.prod(stored.shape[1:], dtype=object)) * stored.dtype.itemsize)
    rows, step = _spaced(count, max(1, BLOCK // size), max(1, limit // size))
    covered = sum(stop - start for start, stop in _blocks(rows, step, count))
    words = f"all {count:,} {noun}" if covered == count else f"{covered:,} of {count:,} {noun}, evenly spaced"
    file = _whole_file(stored)
    cached = None if file is None else _cache_file([*file, covered])
    if cached is not None and cached.is_file():
        return Fingerprint(cached.read_text(), words, covered == count)
    digest = blake2b(digest_size=32)
    for start, stop in _blocks(rows, step, count):
        block = stored[start:stop] if isinstance(stored, np.ndarray) else stored[np.arange(start, stop)]
        digest.update(np.ascontiguousarray(block).data)
    _store(cached, digest.hexdigest())
    return Fingerprint(digest.hexdigest(), words, covered == count)


def _of_files(paths: list[Path], key: bytes) -> Fingerprint:
    """Of the content of files, and of a key that says what is read from them."""
    digest, hashed, total = blake2b(key, digest_size=32), 0, 0
    share = max(1, LIMIT // len(paths))
    for path in paths:
        status = path.stat()
        starts, step = _spaced(status.st_size, BLOCK, share)
        blocks = [*_blocks(starts, step, status.st_size)]
        cached = _cache_file([str(path.absolute()), status.st_size, status.st_mtime_ns, "file", share])
        if not cached.is_file():
            of_file = blake2b(digest_size=32)
            with path.open("rb") as file:
                for start, stop in blocks:
                    file.seek(start)
                    of_file.update(file.read(stop - start))
            _store(cached, of_file.hexdigest())
            digest.update(of_file.hexdigest().encode())
        else:
            digest.update(cached.read_text().encode())
        hashed += sum(stop - start for start, stop in blocks)
        total += status.st_size
    what = f"all {total:,} bytes" if hashed == total else f"{hashed:,} of {total:,} bytes, evenly spaced,"
    return Fingerprint(digest.hexdigest(), f"{what} of {len(paths):,} files", hashed == total)


def _spaced(count: int, step: int, most: int) -> tuple[list[int], int]:
    """The starts of blocks of `step` rows: all of them, or evenly spaced ones with up to `most` rows."""
    if count <= most:
        return list(range(0, count, step)), step
    blocks = max(2, most // step)
    step = min(step, max(1, most // blocks))
    return [(count - step) * place // (blocks - 1) for place in range(blocks)], step


def _blocks(starts: list[int], step: int, count: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + step, count)) for start in starts)


def _whole_file(stored: Any) -> list[Any] | None:
    """Path, size and time of the file that an array maps whole; None for another array."""
    path = getattr(stored, "filename", None)
    if not isinstance(stored, np.memmap) or path is None or not stored.flags.c_contiguous:
        return None
    status = os.stat(path)  # noqa: PTH116
    if stored.offset + stored.nbytes != status.st_size:
        return None
    return [str(Path(path).absolute()), status.st_size, status.st_mtime_ns, list(stored.shape), str(stored.dtype)]


def _cache_file(key: list[Any]) -> Path:
    return cache() / "fingerprints" / blake2b(repr(key).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _store(file: Path | None, digest: str) -> None:
    """Writes a digest to the cache; without a cache it is computed again."""
    if file is None:
        return
    part = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(digest)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
