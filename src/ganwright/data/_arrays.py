"""Loads arrays of pictures or points, from .npy or .npz files or from Python objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from ganwright.core import user_code
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.files import read_arrays
from ganwright.core.system import physical_memory
from ganwright.data._kind import Chosen, Kind
from ganwright.data._prepare import prepared
from ganwright.data._sources import Stack
from ganwright.domains._pictures import MIN_SIDE, Fit, Frame, fitted, is_grey
from ganwright.domains._values import as_float32, read_range
from ganwright.domains.images import Images
from ganwright.domains.points import Points

SUFFIXES = (".npy", ".npz")
SHAPES = "pictures are [N, height, width] or [N, height, width, channels], points [N, dimensions]"


def claims(chosen: Chosen) -> bool:
    """Whether it is a file of arrays."""
    return chosen.suffix in SUFFIXES


def load_chosen(chosen: Chosen) -> Data:
    """See `load`; all of it is the training part."""
    chosen.one_of_parts("train")
    return load(chosen.path, chosen.among(Fit), chosen.options["range"])


def load(path: Path, fit: Fit, given: str | None = None) -> Data:
    """Loads an .npy (memory-mapped if it holds bytes) or .npz file; pictures that `fit` changes are cached.

    `given` is the range of pictures' values, LOW:HIGH. Raises UserError, which names the file, if it cannot be read or
    holds anything else.
    """
    array, labels, notes = read_arrays(path)
    where = str(path)
    _check(array, where)
    if array.ndim == 2:
        if fit != Fit() or given is not None:
            raise UserError(
                f"{where} holds points: --size, --crop, --filter, --background, --grey and --range are for pictures."
            )
        return _points(array, labels, path.stem, where, notes)
    frame = _frame(array, fit)
    values, said = read_range(array, where, given)
    if array.dtype == np.uint8 and given is None and frame.shape == (*array.shape[1:], 1)[:3]:
        return _pictures(Stack(array, values).bytes(), labels, path.stem, where, (*notes, *said))
    status = path.stat()
    key = [str(path.absolute()), status.st_size, status.st_mtime_ns, list(array.shape), list(values)]
    ready = prepared(Stack(array, values), fit, frame, key, where)
    if labels is not None and len(labels) == len(array):
        labels = np.delete(labels, list(ready.left_out))
    return _pictures(ready.samples, labels, path.stem, where, (*notes, *said, *ready.notes))


def from_array(array: Any, labels: Any = None, name: str = "array") -> Data:
    """Pictures [N, height, width] or [N, height, width, channels], or points [N, dimensions], with or without labels.

    uint8 pictures are used unchanged; bool becomes 0 and 255; integers up to 65,535 are divided by 257 if any exceeds
    255; floats are in [0, 1], [-1, 1] or [0, 255], which the note says. Transparent pictures are composited on white.
    `labels` are N integers or strings. Raises UserError for other arrays or labels, for values whose range is
    ambiguous, and for masked values.
    """
    if np.ma.is_masked(array):
        raise UserError(f"{name} has masked values: fill them.")
    array = np.asarray(array)
    _check(array, name)
    labels = None if labels is None else np.asarray(labels)
    if array.ndim == 2:
        return _points(array, labels, name, name)
    values, notes = read_range(array, name, None)
    stack = Stack(array, values)
    if stack.array.shape[3] in (1, 3):
        return _pictures(stack.bytes(), labels, name, name, notes)
    frame = _frame(array, Fit())
    pixels = np.stack([fitted(stack.open(index), frame, Fit()) for index in range(len(array))])
    return _pictures(pixels, labels, name, name, notes)


def from_dataset(dataset: Any, name: str = "dataset") -> Data:
    """Reads a map-style torch data set of items or (item, label) pairs into memory once, with its transforms applied.

    An item is a tensor [channels, height, width], an array [height, width] or [height, width, channels], a Pillow
    image, or a vector; all have the same shape. Values as for `from_array`. Raises UserError, which names the first
    item that fails, has another shape or another kind of label than the first, and where memory is too small for all.
    """
    count = _length(dataset, name)
    arrays: list[np.ndarray] = []
    labels: list[Any] = []
    for index in range(count):
        where = f"Item {index} of {name}"
        with user_code.running(where):
            item, label = _pair(dataset[index], where)
            arrays.append(_item(item))
            labels.append(_label(label, where))
        _refuse_differences(arrays, labels, where)
        if not index:
            _refuse_more_than_memory(count, arrays[0].nbytes, name)
    return from_array(np.stack(arrays), None if labels[0] is None else labels, name)


def encode_labels(labels: np.ndarray, count: int, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class indices int64 [N] into the sorted distinct values, and these values as names; raises UserError."""
    if labels.shape != (count,) or labels.dtype.kind not in "biuU":
        kind = f"{labels.dtype} {list(labels.shape)}"
        raise UserError(f"The labels of {where} are {kind}; expected {count:,} integers or strings, one per sample.")
    classes, encoded = np.unique(labels, return_inverse=True)
    return encoded.astype(np.int64), tuple(map(str, classes))


def _check(array: np.ndarray, where: str) -> None:
    shape = list(array.shape)
    if array.ndim not in (2, 3, 4) or 0 in shape or array.dtype.kind not in "buif":
        raise UserError(f"{where} holds {array.dtype} {shape}; {SHAPES}.")
    if array.ndim == 4 and shape[3] > 4:
        hint = " The channels seem to come first: use transpose(0, 2, 3, 1)." if shape[1] <= 4 else ""
        raise UserError(f"{where} holds {shape}, that is {shape[3]} channels; {SHAPES}.{hint}")
    if array.ndim > 2 and min(shape[1:3]) < MIN_SIDE:
        raise UserError(f"{where} holds pictures of {shape[1]}x{shape[2]}, smaller than {MIN_SIDE} pixels; {SHAPES}.")


def _frame(array: np.ndarray, fit: Fit) -> Frame:
    height, width, channels = (*array.shape[1:], 1)[:3]
    grey = fit.grey or (channels <= 2 and fit.grey_background)
    height, width = fit.sides or (height, width)
    return Frame(height, width, "L" if grey or channels == 1 else "RGB")


def _points(array: np.ndarray, labels: np.ndarray | None, name: str, where: str, notes: tuple[str, ...] = ()) -> Data:
    points = as_float32(array, where)
    encoded, classes = (None, ()) if labels is None else encode_labels(labels, len(points), where)
    if array.dtype.kind in "iu" and (rounded := int((points.astype(array.dtype) != array).sum())):
        notes = (*notes, f"{rounded:,} whole numbers are rounded to float32.")
    return Data(name, Points.standardised(points), points, encoded, classes, notes)


def _pictures(
    pixels: np.ndarray, labels: np.ndarray | None, name: str, where: str, notes: tuple[str, ...] = ()
) -> Data:
    encoded, classes = (None, ()) if labels is None else encode_labels(labels, len(pixels), where)
    height, width, channels = pixels.shape[1:]
    return Data(name, Images(height, width, channels), pixels, encoded, classes, notes)


def _length(dataset: Any, name: str) -> int:
    """The number of items; a UserError if there is none, or if it cannot be told."""
    if not hasattr(dataset, "__len__"):
        raise UserError("A data set without a length (iterable-style) cannot be read: pass a map-style data set.")
    with user_code.running(f"The length of {name}"):
        count = len(dataset)
    if not count:
        raise UserError(f"{name} is empty.")
    return count


def _pair(item: Any, where: str) -> tuple[Any, Any]:
    """(item, label or None); a `TensorDataset` without labels gives tuples of length one."""
    if isinstance(item, (tuple, list)) and 1 <= len(item) <= 2:
        return item[0], item[1] if len(item) == 2 else None
    several = isinstance(item, (tuple, list)) and any(np.ndim(part) for part in item)
    if several or isinstance(item, Mapping):
        found = f"a {type(item).__name__} of {len(item)}"
        raise UserError(f"{where} is {found}: expected a sample, or a pair of a sample and its label.")
    return item, None


def _label(label: Any, where: str) -> Any:
    """A label as a number or a word, or None; a UserError for anything else."""
    plain = label.item() if hasattr(label, "item") else label
    if not (plain is None or isinstance(plain, (bool, int, str))):
        raise UserError(f"{where} has the label {plain!r}: expected an integer or a string.")
    return plain


def _refuse_differences(arrays: Sequence[np.ndarray], labels: Sequence[Any], where: str) -> None:
    """A UserError if the last item has another shape, or another kind of label, than the first."""
    first, last = (list(arrays[place].shape) for place in (0, -1))
    if first != last:
        raise UserError(f"{where} has shape {last}, the first item {first}: add a transform that resizes the items.")
    kinds = [isinstance(labels[place], str) if labels[place] is not None else None for place in (0, -1)]
    if kinds[0] != kinds[1]:
        raise UserError(f"{where} has the label {labels[-1]!r}, the first item {labels[0]!r}: labels are of one kind.")


def _refuse_more_than_memory(count: int, size: int, name: str) -> None:
    """A UserError if `count` items of `size` bytes are more than this machine's memory."""
    memory = physical_memory()
    if memory is not None and count * size > memory:
        raise UserError(
            f"{name} has {count:,} items of {size:,} bytes, and this machine has {memory / 1e9:,.0f} GB of memory: "
            "write them to a folder, a .npy or .tar file, which is not read into memory at once."
        )


def _item(item: Any) -> np.ndarray:
    if isinstance(item, Image.Image):
        upright = ImageOps.exif_transpose(item)
        return fitted(upright, Frame(upright.height, upright.width, "L" if is_grey(item) else "RGB"), Fit())
    if hasattr(item, "detach"):  # a tensor, channels first
        array = item.detach().cpu().numpy()
        return np.moveaxis(array, 0, -1) if array.ndim == 3 else array
    return np.asarray(item)


ARRAYS = Kind(
    "arrays",
    "pictures or points in an .npy or .npz",
    ("size", "crop", "filter", "background", "grey", "range", "split", "other"),
    claims,
    load_chosen,
)
