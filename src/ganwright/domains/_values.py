"""Converts numbers of any dtype to float32, and pixel values to bytes, by the range of the values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ganwright.core.errors import UserError

CHUNK = 1 << 22  # values per block

RULE = "floats are in [0, 1], in [-1, 1] if any is negative, or in [0, 255] if any exceeds 1"


def extent(array: np.ndarray, where: str) -> tuple[float, float]:
    """The minimum and the maximum, block by block; raises UserError unless all are finite numbers."""
    if array.dtype.kind not in "buif":
        raise UserError(f"{where} holds {array.dtype}, not numbers.")
    if not array.size:
        raise UserError(f"{where} is empty.")
    step = max(1, CHUNK * len(array) // array.size)
    blocks = (array[start : start + step] for start in range(0, len(array), step))
    ranges = [(float(block.min()), float(block.max())) for block in blocks]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if not np.isfinite(ranges).all():
        raise UserError(f"{where} holds values that are not finite (NaN or infinity).")
    return low, high


def as_float32(array: np.ndarray, where: str) -> np.ndarray:
    """The values as float32; raises UserError for values that are not finite or overflow float32."""
    low, high = extent(array, where)
    if max(-low, high) > float(np.finfo(np.float32).max):
        raise UserError(f"{where} has values from {low:g} to {high:g}, outside the range of float32.")
    return np.asarray(array, dtype=np.float32)


def to_bytes(dtype: np.dtype, low: float, high: float, where: str) -> Callable[[np.ndarray], np.ndarray]:
    """A function from values between `low` and `high` to uint8 0..255; raises UserError if no rule applies.

    bool: 0 and 255. Integers: unchanged up to 255, / 257 up to 65,535. Floats: see RULE.
    """
    scale, shift = _scale_and_shift(dtype, low, high, where)
    if dtype == np.uint8:
        return lambda values: values
    return lambda values: np.rint(values * scale + shift).astype(np.uint8)


def _scale_and_shift(dtype: np.dtype, low: float, high: float, where: str) -> tuple[float, float]:
    floats = dtype.kind == "f"
    if dtype.kind == "b" or (floats and low >= 0 and high <= 1):
        return 255.0, 0.0
    if floats and low < 0 and low >= -1 and high <= 1:
        return 127.5, 127.5
    if low >= 0 and high <= 255:
        return 1.0, 0.0
    if not floats and low >= 0 and high <= 65535:
        return 1 / 257, 0.0
    rule = RULE if floats else "integers are in 0..255 or 0..65535"
    raise UserError(f"{where} has values from {low:g} to {high:g}, which are not pixel values: {rule}.")
