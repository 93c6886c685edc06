"""Pictures prepared once, into a memory-mapped .npy in the cache; a second load only maps it.

Memory stays flat: threads decode and resize a few pictures at a time (Pillow lets go of the interpreter's lock), and
the rows are written to the file in order.
"""

from __future__ import annotations

import json
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import blake2b
from os import cpu_count
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
from filelock import FileLock
from PIL import Image, UnidentifiedImageError

from ganwright.core.errors import UserError
from ganwright.data._layout import printable
from ganwright.data._pictures import LEAST, Fit, Frame, fitted, is_grey
from ganwright.data._places import cache, writing
from ganwright.data._progress import bar
from ganwright.data._sources import PictureSource

FORMAT = 1  # of what is in the cache; another number prepares anew
PIECE = 1 << 20  # bytes of prepared pictures a thread makes at a time
NAMED = 10  # names in a message, before only their count
TOLERATED = 0.01  # of the pictures may be unusable

Result = TypeVar("Result")
Left = dict[int, str]  # place of a picture that is left out -> why


@dataclass(frozen=True)
class Prepared:
    """`samples` is the memory map; `left_out` says which pictures of the source are not in it."""

    samples: np.ndarray
    left_out: Left
    notes: tuple[str, ...]


def prepared(source: PictureSource, fit: Fit, frame: Frame | None, key: object, where: str) -> Prepared:
    """The source's pictures, fitted to `frame` (None: the frame that a survey of them suggests).

    `key` is what the outcome depends on besides `fit`; of several processes one prepares and the others wait. A
    UserError when over 1 % of the pictures are unusable, or the cache cannot be written; nothing is left behind then.
    """
    digest = blake2b(json.dumps([FORMAT, key, asdict(fit)]).encode(), digest_size=16).hexdigest()
    target = cache() / "prepared" / f"{digest}.npy"
    if found := _opened(target, source):
        return found
    with writing(cache()):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock")):
            if not _opened(target, source):
                _prepare(target, source, fit, frame, where)
    found = _opened(target, source)
    if found is None:
        raise UserError(f"{target} was prepared but cannot be read back.")
    return found


def _opened(target: Path, source: PictureSource) -> Prepared | None:
    try:
        record = json.loads(target.with_suffix(".json").read_text())
        samples = np.load(target, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    left_out = {int(place): why for place, why in record["left_out"].items()}
    notes = [*record["notes"]]
    if left_out:
        notes.append(f"Left out: {_listed(left_out, source)}")
    return Prepared(samples, left_out, tuple(notes))


def _prepare(target: Path, source: PictureSource, fit: Fit, frame: Frame | None, where: str) -> None:
    part, record = target.with_suffix(".part"), target.with_suffix(".json")
    notes: list[str] = []
    left_out: Left = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        if frame is None:
            frame, left_out, notes = _survey(source, fit, where)
        try:
            _write(part, source, fit, frame, left_out, where)
            record.write_text(json.dumps({"left_out": left_out, "notes": notes}))
            part.replace(target)
        except BaseException:
            record.unlink(missing_ok=True)
            raise
        finally:
            part.unlink(missing_ok=True)


def _survey(source: PictureSource, fit: Fit, where: str) -> tuple[Frame, Left, list[str]]:
    """A look at every header: the median short side, whether all are grey, and which cannot be opened."""
    left_out: Left = {}
    sides: list[int] = []
    grey = True
    with bar(f"{where}: headers") as report:
        for places, looks in _in_order(lambda place: _look(source, place), len(source.names), 256):
            for place, look in zip(places, looks, strict=True):
                if isinstance(look, str):
                    left_out[place] = look
                else:
                    sides.append(look[0])
                    grey &= look[1]
            report(places.stop, len(source.names))
    _tolerate(left_out, source, where)
    size = fit.tiles or fit.size or default_size(sides)
    notes = (
        []
        if fit.tiles or fit.size
        else [f"Size {size}: the largest power of two, 8 to 64, within the median short side."]
    )
    grey = fit.grey or (grey and fit.grey_ground)
    return Frame(size, size, "L" if grey else "RGB"), left_out, notes


def _look(source: PictureSource, place: int) -> tuple[int, bool] | str:
    try:
        with source.open(place) as image:
            side = min(image.size)
            return (side, is_grey(image)) if side >= LEAST else f"{image.width}x{image.height}, smaller than {LEAST}"
    except Exception as error:  # a decoder may raise anything
        return why(error)


def default_size(sides: list[int]) -> int:
    """The largest power of two, 8 to 64, within the median short side."""
    return min(64, max(8, 1 << (int(np.median(sides)).bit_length() - 1)))


def _write(part: Path, source: PictureSource, fit: Fit, frame: Frame, left_out: Left, where: str) -> None:
    """Fills `part` with the pictures in order, and `left_out` with those that turn out unusable."""

    def row(place: int) -> np.ndarray | str:
        return left_out[place] if place in left_out else _row(source, place, frame, fit)

    count = len(source.names)
    step = max(1, min(64, PIECE // int(np.prod(frame.shape))))
    with part.open("wb") as file, bar(f"{where}: pictures") as report:
        _header(file, count, frame)
        for places, rows in _in_order(row, count, step):
            _append(file, places, rows, left_out)
            report(places.stop, count)
            _tolerate(left_out, source, where)
        file.seek(0)
        _header(file, count - len(left_out), frame)  # as long as before: NumPy leaves room for the count to grow


def _append(file: IO[bytes], places: range, rows: list[np.ndarray | str], left_out: Left) -> None:
    for place, row in zip(places, rows, strict=True):
        if isinstance(row, str):
            left_out[place] = row
        else:
            file.write(row.tobytes())


def _row(source: PictureSource, place: int, frame: Frame, fit: Fit) -> np.ndarray | str:
    try:
        with source.open(place) as image:
            return fitted(image, frame, fit)
    except Exception as error:  # a decoder may raise anything
        return why(error)


def _header(file: IO[bytes], count: int, frame: Frame) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": (count, *frame.shape)}
    np.lib.format.write_array_header_1_0(file, header)


def _in_order(work: Callable[[int], Result], count: int, step: int) -> Iterator[tuple[range, list[Result]]]:
    """Runs of `step` places with their results, in order, computed ahead by a few threads."""
    workers = min(8, cpu_count() or 1)
    waiting: deque[tuple[range, Future[list[Result]]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, count, step):
            places = range(start, min(start + step, count))
            waiting.append((places, pool.submit(lambda run: [work(place) for place in run], places)))
            if len(waiting) > 2 * workers:
                done, future = waiting.popleft()
                yield done, future.result()
        for done, future in waiting:
            yield done, future.result()


def _tolerate(left_out: Left, source: PictureSource, where: str) -> None:
    if len(left_out) > TOLERATED * len(source.names):
        raise UserError(f"Over {TOLERATED:.0%} of {where} cannot be used: {_listed(left_out, source)}")


def _listed(left_out: Left, source: PictureSource) -> str:
    named = [f"{source.names[place]} ({why})" for place, why in list(left_out.items())[:NAMED]]
    more = f" and {len(left_out) - NAMED:,} more" if len(left_out) > NAMED else ""
    return printable(f"{len(left_out):,} of {len(source.names):,} pictures, {', '.join(named)}{more}.")


def why(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a picture that can be read"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return "too many pixels to be safe"
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")[:80]
