"""Checks strings, and counts their n-grams, for the metrics of strings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.domains._symbols import lengths_of

MIN_STRINGS = 20  # of each kind
Codes = NDArray[np.int64]


def checked(compared: Compared) -> tuple[Codes, Codes, int]:
    """Codes of fakes and of real strings, int64 [n, length], and the code after their ends.

    Raises TooFewError below MIN_STRINGS of either.
    """
    fake, real = codes_of(compared.fake), codes_of(compared.real)
    if min(len(fake), len(real)) < MIN_STRINGS:
        raise TooFewError(
            f"At least {MIN_STRINGS} strings of each kind are needed, not {len(fake)} generated and {len(real)} real "
            "ones: judge more samples (-n), or hold out more data (--test-share)."
        )
    return fake, real, end_of(compared.real)


def codes_of(samples: Samples) -> Codes:
    return np.asarray(samples.values, dtype=np.int64)


def end_of(samples: Samples) -> int:
    """The code after the end of strings: the number of symbols."""
    return samples.columns[0].width


def with_end(codes: Codes, end: int) -> Codes:
    """Strings [n, length + 1] with an end at least."""
    return np.pad(codes, ((0, 0), (0, 1)), constant_values=end)


def ngrams(codes: Codes, end: int, n: int) -> Codes:
    """The numbers of all n-grams of strings, each with one end after its last symbol; shorter strings have none.

    An n-gram is numbered by its codes as digits, the first one highest.
    """
    ended = with_end(codes, end)
    if ended.shape[1] < n:
        return np.zeros(0, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(ended, n, axis=1)  # [n, places, n]
    inside = np.arange(n - 1, ended.shape[1]) <= lengths_of(codes, end)[:, None]  # by the place of their last symbol
    return np.asarray(windows[inside] @ (np.int64(end + 1) ** np.arange(n - 1, -1, -1, dtype=np.int64)), dtype=np.int64)


def keys_of(codes: Codes, length: int, end: int) -> list[bytes]:
    """A value for each string that only equal strings share, however far they are padded, up to `length`."""
    padded = np.full((len(codes), length), end, dtype=np.int16)
    padded[:, : codes.shape[1]] = codes
    return [row.tobytes() for row in padded]
