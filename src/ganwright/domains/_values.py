"""Converts numbers of any dtype to float32, and pixel values to bytes, by the range of the values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ganwright.core.errors import UserError

CHUNK = 1 << 22  # values per block

TOLERANCE = 0.01  # of a range
LOOKED_AT = 64  # pictures of bytes
OPTION = "--range LOW:HIGH"
RULE = "floats are in [0, 1], [-1, 1] or [0, 255], integers in 0..255 or 0..65535"


def extent(array: np.ndarray, where: str) -> tuple[float, float]:
    """The minimum and the maximum, block by block; raises UserError unless all are finite numbers."""
    if array.dtype.kind not in "buif":
        raise UserError(f"{where} holds {array.dtype}, not numbers.")
    if not array.size:
        raise UserError(f"{where} is empty.")
    ranges = [(float(block.min()), float(block.max())) for block in blocks(array)]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if not np.isfinite(ranges).all():
        count = sum(int((~np.isfinite(block)).sum()) for block in blocks(array))
        row = next(row for row, values in enumerate(array) if not np.isfinite(values).all())
        raise UserError(f"{where} holds {count:,} values that are not finite (NaN or infinity), the first in [{row}].")
    return low, high


def blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    """The array in parts, so that a memory map is never read as a whole."""
    step = max(1, CHUNK * len(array) // array.size)
    return (array[start : start + step] for start in range(0, len(array), step))


def as_float32(array: np.ndarray, where: str) -> np.ndarray:
    """The values as float32; raises UserError for values that are not finite or overflow float32."""
    low, high = extent(array, where)
    if max(-low, high) > float(np.finfo(np.float32).max):
        raise UserError(f"{where} has values from {low:g} to {high:g}, outside the range of float32.")
    return np.asarray(array, dtype=np.float32)


class Range(NamedTuple):
    """The values of black and white."""

    low: float
    high: float

    @classmethod
    def parsed(cls, word: str) -> Range:
        """LOW:HIGH; raises UserError for anything else."""
        try:
            low, high = map(float, word.split(":"))
        except ValueError:
            low = high = 0.0
        if not (low < high and np.isfinite([low, high]).all()):
            raise UserError(f"--range is the values of black and white, such as 0:1 or -1:1, not {word!r}.")
        return cls(low, high)

    def __str__(self) -> str:
        return f"{self.low:g}:{self.high:g}"


BOOLS, BYTES, WORDS = Range(0, 1), Range(0, 255), Range(0, 65535)
UNIT, SIGNED = Range(0, 1), Range(-1, 1)


def range_of(dtype: np.dtype, low: float, high: float, where: str) -> Range:
    """The range of pictures whose values lie between `low` and `high`.

    Floats may exceed a range by a hundredth of it, as after resampling. Raises UserError where several ranges are
    plausible, because the values fill less than half of one, or none is.
    """
    if dtype == np.uint8:
        return BYTES
    if dtype.kind == "b":
        return BOOLS
    slack = TOLERANCE if dtype.kind == "f" else 0.0
    inside = [
        one
        for one in ((UNIT, SIGNED, BYTES) if dtype.kind == "f" else (BYTES, WORDS))
        if one.low - slack * (one.high - one.low) <= low and high <= one.high + slack * (one.high - one.low)
    ]
    if inside and (inside[0] == UNIT or low == high == 0):
        return inside[0]
    if SIGNED in inside and low <= SIGNED.low / 2:
        return SIGNED
    filled = [one for one in inside if one is not SIGNED and high > one.high / 2]
    if filled and low > SIGNED.low:
        return filled[0]
    shown = f"{where} has values from {low:.9g} to {high:.9g}"
    if not inside:
        raise UserError(f"{shown}, which are not pixel values: {RULE}; {OPTION} names the values of black and white.")
    floats = SIGNED if low < -TOLERANCE else UNIT
    likely = floats if dtype.kind == "f" else Range(0, float((1 << int(high).bit_length()) - 1))
    others = f"--range {likely}, --range 0:255 or another {OPTION} of black and white"
    raise UserError(f"{shown}, which do not show the value of white: say {others}.")


def read_range(array: np.ndarray, where: str, given: str | None) -> tuple[Range, tuple[str, ...]]:
    """The values of black and white in an array, `given` as LOW:HIGH or by its extent; and notes.

    The extent of uint8 is not computed, because that would read a whole memory map.
    """
    if array.dtype == np.uint8 and given is None:
        return BYTES, _dark(array)
    found = Range(*extent(array, where))
    values = range_of(array.dtype, *found, where) if given is None else Range.parsed(given)
    return values, () if array.dtype.kind == "b" else (_said(array, values, found),)


def scaled(values: Range) -> Callable[[np.ndarray], np.ndarray]:
    """A function from values of this range to uint8 0..255; values outside are clipped."""
    factor = 255 / (values.high - values.low)
    shift = -values.low * factor

    def to_uint8(given: np.ndarray) -> np.ndarray:
        if values == BYTES and given.dtype == np.uint8:
            return given
        exact = given if values in (BYTES, WORDS, UNIT, SIGNED) else given.astype(np.float64)
        pixels: np.ndarray = np.rint(np.clip(exact, *values) * factor + shift).astype(np.uint8)
        return pixels

    return to_uint8


def to_bytes(dtype: np.dtype, low: float, high: float, where: str) -> Callable[[np.ndarray], np.ndarray]:
    """A function from values between `low` and `high` to uint8 0..255, see `range_of`."""
    return scaled(range_of(dtype, low, high, where))


def _dark(array: np.ndarray) -> tuple[str, ...]:
    """A note if some pictures of bytes hold 0 and 1 only."""
    some = array[np.unique(np.linspace(0, len(array) - 1, LOOKED_AT).astype(int))]
    if some.max() != 1:
        return ()
    return (f"The {len(some):,} pictures looked at hold 0 and 1 only, nearly black: say --range 0:1 if 1 is white.",)


def _said(array: np.ndarray, values: Range, found: Range) -> str:
    """The range as a sentence, with the number of values that are clipped."""
    black, white = f"{values.low:g} is black", f"{values.high:g} white"
    sentence = f"Values from {found.low:.9g} to {found.high:.9g}: {black}, {white}"
    if values.low <= found.low and found.high <= values.high:
        return f"{sentence}."
    outside = sum(int(((block < values.low) | (block > values.high)).sum()) for block in blocks(array))
    return f"{sentence}, and {outside:,} {'value outside is' if outside == 1 else 'values outside are'} clipped."
