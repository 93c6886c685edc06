"""Traits of strings that health checks compare: lengths, symbols, their order, and how different samples are."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

GROUPS = 256  # of symbols, at most, whose shares are compared
LAGS = (1, 2, 3)  # places between equal symbols
AMONG = 64  # strings among which the most similar one is looked for
TOGETHER = 256  # strings in which pairs are counted


def traits(codes: Tensor, end: int) -> Mapping[str, Tensor]:
    """Traits [n, numbers] of decoded strings, codes int64 [n, length] with `end` after their last symbol.

    The shares of symbols, of codes modulo GROUPS where there are more; the shares of places whose symbol is that 1, 2
    or 3 places before; the share of different symbols; how much neighbouring symbols say about each other, see
    `dependence`; which symbols are first and last; and the share of places at which a string differs from the most
    similar one of its AMONG neighbours, which falls where samples are repeated.
    """
    lasts = codes != end
    lengths = lasts.sum(1, keepdim=True)
    groups = min(end, GROUPS)
    shares = symbol_counts(codes, lasts, groups) / lengths
    found = {
        "the lengths": lengths.double(),
        "the shares of symbols": shares,
        "the shares of repeated symbols": torch.stack([_repeated(codes, lasts, lag) for lag in LAGS], 1),
        "the shares of different symbols": (shares > 0).sum(1, keepdim=True) / lengths,
        "the dependences of neighbouring symbols": dependence(codes, lasts),
        "the first symbols": F.one_hot(codes[:, 0] % groups, groups),
        "the last symbols": F.one_hot(codes.gather(1, lengths - 1)[:, 0] % groups, groups),
        "the differences from the most similar sample": nearest(codes, lengths),
    }
    return {name: values.double() for name, values in found.items()}


def symbol_counts(codes: Tensor, lasts: Tensor, groups: int) -> Tensor:
    """How often each symbol occurs in each string, by code modulo `groups`, [n, groups]."""
    counts = torch.zeros(len(codes), groups, dtype=torch.float64, device=codes.device)
    return counts.scatter_add_(1, codes % groups, lasts.double())


def _repeated(codes: Tensor, lasts: Tensor, lag: int) -> Tensor:
    """The share of places whose symbol is that `lag` places before, [n]; 0 for strings that are too short."""
    equal = (codes[:, lag:] == codes[:, :-lag]) & lasts[:, lag:]
    return equal.sum(1) / lasts[:, lag:].sum(1).clamp_min(1)


def dependence(codes: Tensor, lasts: Tensor) -> Tensor:
    """The mean pointwise mutual information of the neighbouring symbols of each string, in nats, [n, 1].

    It is log(n(a, b) n / (n(a) n(b))) for each place with a followed by b, where n counts pairs, and pairs that begin
    with a or end with b (Church & Hanks 1990). It is 0 for strings without a pair. Counts are those of blocks of
    TOGETHER strings, because the logarithm of a few counts is too large on average, the more so the fewer they are.
    """
    parts = [_dependence(*both) for both in zip(_blocks(codes, TOGETHER), _blocks(lasts, TOGETHER), strict=True)]
    return torch.cat(parts)[: len(codes), None]


def _blocks(values: Tensor, size: int) -> list[Tensor]:
    """Blocks of `size` rows, the last completed by the first rows."""
    missing = -len(values) % size
    again = torch.arange(len(values) + missing, device=values.device) % len(values)
    return list(values[again].split(size))


def _dependence(codes: Tensor, lasts: Tensor) -> Tensor:
    """`dependence` of one block, [n]."""
    inside = lasts[:, 1:]
    first, second = codes[:, :-1][inside], codes[:, 1:][inside]
    of_pair, of_first, of_second = (_counts(one) for one in (first * (int(codes.max()) + 1) + second, first, second))
    found = torch.zeros(inside.shape, dtype=torch.float64, device=codes.device)
    found[inside] = (of_pair * len(first) / (of_first * of_second)).log()
    return found.sum(1) / inside.sum(1).clamp_min(1)


def _counts(numbers: Tensor) -> Tensor:
    """How often each of the numbers [n] occurs, [n]."""
    _, places, counts = torch.unique(numbers, return_inverse=True, return_counts=True)
    found: Tensor = counts[places].double()
    return found


def nearest(codes: Tensor, lengths: Tensor) -> Tensor:
    """The share of places at which a string differs from the most similar one in its block of AMONG strings, [n, 1].

    The last block, where it is smaller, is completed by the strings before it.
    """
    count = len(codes)
    found = lengths.new_zeros(count, dtype=torch.float64)
    for start in range(0, count, AMONG):
        begin = max(min(start, count - AMONG), 0)
        block = codes[begin : begin + AMONG]
        different = torch.stack([(block != one).sum(1) for one in block]).double()
        different.fill_diagonal_(float(codes.shape[1]))
        found[begin : begin + AMONG] = different.min(1).values
    return (found[:, None] / lengths).clamp_max(1.0)
