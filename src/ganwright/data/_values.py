"""Numbers of any kind to bytes: which range of values stands for black to white."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ganwright.core.errors import UserError

CHUNK = 1 << 22  # values looked at together

RULE = "floats are in [0, 1], in [-1, 1] where some are negative, or in [0, 255] where some exceed 1"


def extent(array: np.ndarray, where: str) -> tuple[float, float]:
    """The least and the greatest value, read piece by piece; a UserError for NaN, infinities, or what is no number."""
    if array.dtype.kind not in "buif":
        raise UserError(f"{where} holds {array.dtype}, not numbers.")
    if not array.size:
        raise UserError(f"{where} is empty.")
    step = max(1, CHUNK * len(array) // array.size)
    pieces = (array[start : start + step] for start in range(0, len(array), step))
    ends = [(float(piece.min()), float(piece.max())) for piece in pieces]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if not np.isfinite([end for pair in ends for end in pair]).all():
        raise UserError(f"{where} holds values that are not finite (NaN or infinity).")
    return low, high


def to_bytes(dtype: np.dtype, low: float, high: float, where: str) -> Callable[[np.ndarray], np.ndarray]:
    """The function from such values, between `low` and `high`, to uint8 0..255; a UserError where no rule fits.

    bool: 0 and 255. Integers: as they are up to 255, / 257 up to 65,535. Floats: see RULE.
    """
    scale, shift = _line(dtype, low, high, where)
    if dtype == np.uint8:
        return lambda values: values
    return lambda values: np.rint(values * scale + shift).astype(np.uint8)


def _line(dtype: np.dtype, low: float, high: float, where: str) -> tuple[float, float]:
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
    raise UserError(f"{where} has values from {low:g} to {high:g}, which are not a picture's: {rule}.")
