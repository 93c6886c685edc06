"""Refuses what a network made that is not finite: NaN would become an ordinary pixel, category or score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from ganwright.core.domain import Stored
from ganwright.core.errors import UserError


class NotFiniteError(UserError):
    """A network made values that are not finite."""


class Chunk(NamedTuple):
    """Stored samples, and how many of them were not finite before they were decoded."""

    stored: Stored
    not_finite: int


def count(encoded: Tensor) -> int:
    """How many of the rows [n, ...] hold a value that is not finite."""
    return int((~encoded.reshape(len(encoded), -1).isfinite().all(1)).sum())


def joined(chunks: Sequence[Chunk], n: int, run: Path) -> Stored:
    """The samples of all chunks; a NotFiniteError if some are not finite."""
    refuse(sum(chunk.not_finite for chunk in chunks), n, "samples", run)
    return np.concatenate([chunk.stored for chunk in chunks])


def refuse(not_finite: int, n: int, what: str, run: Path | str) -> None:
    """A NotFiniteError if any of `n` values are not finite."""
    if not_finite:
        raise NotFiniteError(
            f"{not_finite:,} of {n:,} {what} of {run} are not finite (NaN or infinity): its networks have diverged; "
            "try another checkpoint (--checkpoint healthy or best), or train again with a smaller learning rate."
        )
