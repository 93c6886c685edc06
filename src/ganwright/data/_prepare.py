"""Prepares pictures once into a memory-mapped .npy in the cache; later loads map it.

Memory use is bounded: threads decode and resize a few pictures at a time (Pillow releases the interpreter lock), and
rows are written in order.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from os import cpu_count
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
from filelock import FileLock

from ganwright.core.errors import UserError
from ganwright.data._layout import TOLERATED
from ganwright.data._notes import counted, listed
from ganwright.data._places import cache, writing
from ganwright.data._progress import bar
from ganwright.data._sources import PictureSource
from ganwright.data._survey import Header, header_of, surveyed
from ganwright.domains._pictures import MIN_SIDE, Fit, Frame, bombs_refused, fitted, why

FORMAT = 2  # of cached files; another number invalidates them
CHUNK = 1 << 20  # bytes of prepared pictures per task of a thread

Result = TypeVar("Result")
LeftOut = dict[int, str]  # index of a picture that is left out -> reason


@dataclass(frozen=True)
class Prepared:
    """`samples` is the memory map, `left_out` lists the pictures of the source that it lacks."""

    samples: np.ndarray
    left_out: LeftOut
    notes: tuple[str, ...]


def prepared(source: PictureSource, fit: Fit, frame: Frame | None, key: object, where: str) -> Prepared:
    """The source's pictures converted to `frame` (None: derived from their headers), from the cache if possible.

    The cache key is `key` and `fit`. One process prepares while others wait. Raises UserError if over 1 % of the
    pictures are unusable or the cache cannot be written; partial files are deleted.
    """
    digest = blake2b(json.dumps([FORMAT, key, fit.cache_key]).encode(), digest_size=16).hexdigest()
    target = cache() / "prepared" / f"{digest}.npy"
    if cached := _cached(target, source):
        return cached
    with writing(cache()):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock")):
            if not _cached(target, source):
                _prepare(target, source, fit, frame, where)
    cached = _cached(target, source)
    if cached is None:
        raise UserError(f"{target} was prepared but cannot be read back.")
    return cached


def _cached(target: Path, source: PictureSource) -> Prepared | None:
    try:
        record = json.loads(target.with_suffix(".json").read_text())
        samples = np.load(target, mmap_mode="r", allow_pickle=False)
        left_out = {int(index): str(why) for index, why in record["left_out"].items()}
        notes = [str(note) for note in record["notes"]]
        if len(samples) + len(left_out) != len(source.names):
            return None
    except Exception:  # a damaged cache may raise anything; it is made again
        return None
    if left_out:
        notes.append(f"Left out: {_listed(left_out, source)}")
    return Prepared(samples, left_out, tuple(notes))


def _prepare(target: Path, source: PictureSource, fit: Fit, frame: Frame | None, where: str) -> None:
    part, record = target.with_suffix(".part"), target.with_suffix(".json")
    notes: list[str] = []
    left_out: LeftOut = {}
    with bombs_refused():
        if frame is None:
            headers, left_out = _headers(source, where)
            frame, notes = surveyed(headers, fit, "pictures" if fit.tiles is None else "tiles")
        try:
            notes += _write(part, source, fit, frame, left_out, where)
            record.write_text(json.dumps({"left_out": left_out, "notes": notes}))
            part.replace(target)
        except BaseException:
            record.unlink(missing_ok=True)
            raise
        finally:
            part.unlink(missing_ok=True)


def _headers(source: PictureSource, where: str) -> tuple[list[Header], LeftOut]:
    """The headers of the usable pictures, and the unusable ones."""
    headers: list[Header] = []
    left_out: LeftOut = {}
    with bar(f"{where}: headers") as report:
        for indices, found in _in_order(lambda index: _header(source, index), len(source.names), 256):
            for index, header in zip(indices, found, strict=True):
                if isinstance(header, str):
                    left_out[index] = header
                else:
                    headers.append(header)
            report(indices.stop, len(source.names))
            _check_left_out(left_out, source, where, indices.stop)
    return headers, left_out


def _header(source: PictureSource, index: int) -> Header | str:
    """The header of a picture, or the reason why it is unusable."""
    try:
        with source.open(index) as image:
            if min(image.size) < MIN_SIDE:
                return f"{image.width}x{image.height}, smaller than {MIN_SIDE}"
            return header_of(image)
    except Exception as error:  # a decoder may raise anything
        return why(error)


def _write(part: Path, source: PictureSource, fit: Fit, frame: Frame, left_out: LeftOut, where: str) -> list[str]:
    """Writes the pictures to `part` in order, and adds unusable ones to `left_out`; returns notes."""

    def row(index: int) -> np.ndarray | str:
        return left_out[index] if index in left_out else _row(source, index, frame, fit)

    count = len(source.names)
    step = max(1, min(64, CHUNK // int(np.prod(frame.shape))))
    digests = np.zeros(count, dtype=np.uint64)  # of pictures that were written
    with part.open("wb") as file, bar(f"{where}: pictures") as report:
        _write_npy_header(file, count, frame)
        for indices, rows in _in_order(row, count, step):
            _append(file, indices, rows, left_out, digests)
            report(indices.stop, count)
            _check_left_out(left_out, source, where, count)
        file.seek(0)
        _write_npy_header(file, count - len(left_out), frame)  # of equal length: NumPy pads the header
    written = np.delete(digests, list(left_out))
    copies = len(written) - len(np.unique(written))
    return [f"{counted(copies, 'picture')} of {len(written):,} {_equal(copies)}."] if copies else []


def _equal(copies: int) -> str:
    return "equals an earlier one" if copies == 1 else "equal earlier ones"


def _append(
    file: IO[bytes], indices: range, rows: list[np.ndarray | str], left_out: LeftOut, digests: np.ndarray
) -> None:
    for index, row in zip(indices, rows, strict=True):
        if isinstance(row, str):
            left_out[index] = row
        else:
            pixels = row.tobytes()
            file.write(pixels)
            digests[index] = int.from_bytes(blake2b(pixels, digest_size=8).digest(), "little")


def _row(source: PictureSource, index: int, frame: Frame, fit: Fit) -> np.ndarray | str:
    try:
        with source.open(index) as image:
            return fitted(image, frame, fit)
    except Exception as error:  # a decoder may raise anything
        return why(error)


def _write_npy_header(file: IO[bytes], count: int, frame: Frame) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": (count, *frame.shape)}
    np.lib.format.write_array_header_1_0(file, header)


def _in_order(work: Callable[[int], Result], count: int, step: int) -> Iterator[tuple[range, list[Result]]]:
    """Yields runs of `step` indices with their results in order, computed ahead by a few threads."""
    workers = min(8, cpu_count() or 1)
    pending: deque[tuple[range, Future[list[Result]]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, count, step):
            indices = range(start, min(start + step, count))
            pending.append((indices, pool.submit(lambda run: [work(index) for index in run], indices)))
            if len(pending) > 2 * workers:
                done, future = pending.popleft()
                yield done, future.result()
        for done, future in pending:
            yield done, future.result()


def _check_left_out(left_out: LeftOut, source: PictureSource, where: str, seen: int) -> None:
    """Raises UserError as soon as over 1 % are unusable, after `seen` pictures: the rest is not read."""
    if len(left_out) > TOLERATED * len(source.names):
        so_far = "" if seen == len(source.names) else f" (the first {seen:,} were tried)"
        raise UserError(f"Over {TOLERATED:.0%} of {where} cannot be used{so_far}: {_listed(left_out, source)}")


def _listed(left_out: LeftOut, source: PictureSource) -> str:
    named = [f"{source.names[index]} ({why})" for index, why in left_out.items()]
    return f"{len(left_out):,} of {len(source.names):,} pictures, {listed(named)}."
