"""Loads arrays of pictures or points, from .npy or .npz files or from Python objects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.files import read_arrays
from ganwright.data._prepare import prepared
from ganwright.data._sources import Stack
from ganwright.domains._pictures import MIN_SIDE, Fit, Frame, fitted, is_grey
from ganwright.domains._values import as_float32
from ganwright.domains.images import Images
from ganwright.domains.points import Points

SHAPES = "pictures are [N, height, width] or [N, height, width, channels], points [N, dimensions]"


def load(path: Path, fit: Fit) -> Data:
    """Loads an .npy (memory-mapped if it holds bytes) or .npz file; pictures that `fit` changes are cached.

    Raises UserError, which names the file, if it cannot be read or holds anything else.
    """
    array, labels = read_arrays(path)
    where = str(path)
    _check(array, where)
    if array.ndim == 2:
        if fit != Fit():
            raise UserError(f"{where} holds points: size, crop, filter, background and grey are for pictures.")
        return _data(array, labels, path.stem, where)
    frame = _frame(array, fit)
    if array.dtype == np.uint8 and frame.shape == (*array.shape[1:], 1)[:3]:
        return _data(array, labels, path.stem, where)
    status = path.stat()
    key = [str(path.absolute()), status.st_size, status.st_mtime_ns, list(array.shape)]
    ready = prepared(Stack(array, where), fit, frame, key, where)
    labels = labels if labels is None else np.delete(labels, list(ready.left_out))
    return _pictures(ready.samples, labels, path.stem, where, ready.notes)


def from_array(array: Any, labels: Any = None, name: str = "array") -> Data:
    """Pictures [N, height, width] or [N, height, width, channels], or points [N, dimensions], with or without labels.

    uint8 pictures are used unchanged; bool becomes 0 and 255; integers up to 65,535 are divided by 257 if any exceeds
    255; floats are in [0, 1], in [-1, 1] if any is negative, or in [0, 255] if any exceeds 1. Transparent pictures are
    composited on white. `labels` are N integers or strings. Raises UserError for other arrays or labels.
    """
    array = np.asarray(array)
    _check(array, name)
    return _data(array, None if labels is None else np.asarray(labels), name, name)


def from_dataset(dataset: Any, name: str = "dataset") -> Data:
    """Reads a map-style torch data set of items or (item, label) pairs into memory once, with its transforms applied.

    An item is a tensor [channels, height, width], an array [height, width] or [height, width, channels], a Pillow
    image, or a vector; all have the same shape. Values as for `from_array`. Raises UserError, which names the first
    item of another shape.
    """
    pairs = [_pair(item) for item in _items(dataset)]
    if not pairs:
        raise UserError(f"{name} is empty.")
    arrays, labels = [_item(item) for item, _ in pairs], [_scalar(label) for _, label in pairs]
    for index, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            shapes = f"{list(array.shape)}, the first item {list(arrays[0].shape)}"
            raise UserError(f"Item {index} of {name} has shape {shapes}: add a transform that resizes the items.")
    return from_array(np.stack(arrays), None if None in labels else labels, name)


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


def _data(array: np.ndarray, labels: np.ndarray | None, name: str, where: str) -> Data:
    if array.ndim == 2:
        points = as_float32(array, where)
        encoded, classes = (None, ()) if labels is None else encode_labels(labels, len(points), where)
        return Data(name, Points.standardised(points), points, encoded, classes)
    stack = Stack(array, where)
    if stack.array.shape[3] in (1, 3):
        return _pictures(stack.bytes(), labels, name, where)
    frame = _frame(array, Fit())
    pixels = np.stack([fitted(stack.open(index), frame, Fit()) for index in range(len(array))])
    return _pictures(pixels, labels, name, where)


def _pictures(
    pixels: np.ndarray, labels: np.ndarray | None, name: str, where: str, notes: tuple[str, ...] = ()
) -> Data:
    encoded, classes = (None, ()) if labels is None else encode_labels(labels, len(pixels), where)
    height, width, channels = pixels.shape[1:]
    return Data(name, Images(height, width, channels), pixels, encoded, classes, notes)


def _items(dataset: Any) -> Iterable[Any]:
    if not hasattr(dataset, "__len__"):
        raise UserError("A data set without a length (iterable-style) cannot be read: pass a map-style data set.")
    return (dataset[index] for index in range(len(dataset)))


def _pair(item: Any) -> tuple[Any, Any]:
    """(item, label or None); a `TensorDataset` without labels gives tuples of length one."""
    if isinstance(item, (tuple, list)) and 1 <= len(item) <= 2:
        return item[0], item[1] if len(item) == 2 else None
    return item, None


def _item(item: Any) -> np.ndarray:
    if isinstance(item, Image.Image):
        upright = ImageOps.exif_transpose(item)
        return fitted(upright, Frame(upright.height, upright.width, "L" if is_grey(item) else "RGB"), Fit())
    if hasattr(item, "detach"):  # a tensor, channels first
        array = item.detach().cpu().numpy()
        return np.moveaxis(array, 0, -1) if array.ndim == 3 else array
    return np.asarray(item)


def _scalar(label: Any) -> Any:
    return label.item() if hasattr(label, "item") else label
