"""How new strings are: shares of new and of different ones, and the pieces that are copied from the training part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ganwright.core.draws import generator
from ganwright.core.metric import Compared, Metric
from ganwright.domains._symbols import lengths_of
from ganwright.metrics._strings import Codes, checked, codes_of, keys_of, with_end

SEARCHED = 1 << 20  # symbols of training strings, at most, in which pieces are searched


def novelty(compared: Compared) -> Mapping[str, float]:
    """The share of strings that no training string equals, and of different ones among all; copied pieces.

    copied: the mean share of a string that is its longest piece found in a training string. longest_copy: the longest
    such piece, in symbols, of those strings that are new; 0 if none is. Pieces are searched in SEARCHED symbols of
    training strings at most, chosen at random. Raises TooFewError below 20 strings.
    """
    assert compared.train is not None  # METRIC.needs has it
    fake, _, end = checked(compared)
    train = codes_of(compared.train)
    longest = max(fake.shape[1], train.shape[1])
    keys, known = keys_of(fake, longest, end), {*keys_of(train, longest, end)}
    is_new = np.array([key not in known for key in keys])
    pieces = longest_pieces(fake, _searched(train), end)
    return {
        "new": float(is_new.mean()),
        "different": len({*keys}) / len(keys),
        "copied": float((pieces / lengths_of(fake, end)).mean()),
        "longest_copy": float(pieces[is_new].max(initial=0)),
    }


def _searched(train: Codes) -> Codes:
    """Random training strings of at most SEARCHED symbols, with their padding."""
    most = max(SEARCHED // train.shape[1], 1)
    return train if len(train) <= most else train[generator("searched").permutation(len(train))[:most]]


def longest_pieces(strings: Codes, train: Codes, end: int) -> NDArray[np.int64]:
    """The length of the longest piece of each string [n, length] that is a piece of a training string, [n].

    All suffixes are sorted by prefix doubling (Karp, Miller & Rosenberg 1972): a piece of 2^k symbols is numbered by
    the numbers of its halves. The longest match of a suffix is with a neighbour among those of training strings.
    """
    text = np.concatenate([with_end(one, end).ravel() for one in (strings, train)])
    place_in = len(strings) * (strings.shape[1] + 1)  # where the training strings begin
    rest = (lengths_of(strings, end)[:, None] - np.arange(strings.shape[1] + 1)).clip(0).ravel()  # symbols to the end
    numbers = [text]
    while 2 ** len(numbers) <= strings.shape[1] and len(numbers[-1]):
        numbers.append(_doubled(numbers[-1], 2 ** (len(numbers) - 1)))
    finest = _doubled(numbers[-1], 2 ** (len(numbers) - 1))
    order = np.argsort(finest, kind="stable")
    in_train = order >= place_in
    below = np.maximum.accumulate(np.where(in_train, np.arange(len(order)), -1))
    above = np.minimum.accumulate(np.where(in_train, np.arange(len(order)), len(order))[::-1])[::-1]
    mine = order[~in_train]
    found = np.zeros(place_in, dtype=np.int64)
    for neighbour in (below[~in_train], above[~in_train]):
        known = (neighbour >= 0) & (neighbour < len(order))
        one, other = mine[known], order[neighbour[known]]
        found[one] = np.maximum(found[one], _common(numbers, one, other))
    longest: NDArray[np.int64] = np.minimum(found, rest).reshape(len(strings), -1).max(axis=1)
    return longest


def _doubled(numbers: Codes, size: int) -> Codes:
    """The ranks of pieces of 2 `size` symbols from those of `size`; beyond the end of the text all are lowest."""
    second = np.zeros_like(numbers)
    second[:-size] = numbers[size:] + 1
    pairs = numbers * (int(second.max(initial=0)) + 1) + second
    return np.asarray(np.unique(pairs, return_inverse=True)[1], dtype=np.int64)


def _common(numbers: list[Codes], one: Codes, other: Codes) -> Codes:
    """The lengths of the common prefixes of suffixes at two places each, below 2 to the number of `numbers`."""
    length = np.zeros(len(one), dtype=np.int64)
    for power in range(len(numbers) - 1, -1, -1):
        at = np.minimum(one + length, len(numbers[0]) - 1), np.minimum(other + length, len(numbers[0]) - 1)
        length += np.where(numbers[power][at[0]] == numbers[power][at[1]], 2**power, 0)
    return length


METRIC = Metric(
    "strings",
    {"new": "higher", "different": "as real", "copied": "as real", "longest_copy": "as real"},
    novelty,
    needs=frozenset({"train"}),
)
