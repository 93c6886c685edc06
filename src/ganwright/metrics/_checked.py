"""Validates the arrays passed to metrics."""

from __future__ import annotations

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Samples, TooFewError


def vectors(name: str, values: Array) -> Array:
    """A copy of `values` as float64 [n, d]; raises UserError unless they are n > 0 vectors of finite real numbers."""
    array = np.asarray(values)
    if array.ndim != 2 or 0 in array.shape:
        raise UserError(f"The {name} must be an array [n, d] with n and d above 0, not {list(array.shape)}.")
    if array.dtype.kind not in "fiub":
        raise UserError(f"The {name} must be real numbers, not {array.dtype}.")
    if not np.isfinite(array).all():
        raise UserError(f"The {name} hold NaN or infinite values in {_count(~np.isfinite(array).all(axis=1))}.")
    return np.array(array, dtype=np.float64, order="C")


def two_sets(fake: Array, real: Array, names: tuple[str, str] = ("fakes", "real samples")) -> tuple[Array, Array]:
    """Both as float64 [n, d]; raises UserError unless they are vectors of equal dimension."""
    one, other = vectors(names[0], fake), vectors(names[1], real)
    if one.shape[1] != other.shape[1]:
        raise UserError(f"The {names[0]} have {one.shape[1]} dimensions, the {names[1]} {other.shape[1]}.")
    return one, other


def classes(name: str, samples: Samples) -> Array:
    """The labels as int64 [n], classes from 0; raises UserError if they are missing or anything else."""
    labels = np.asarray(samples.labels)
    if labels.shape != (len(samples),) or labels.dtype.kind not in "iu" or (labels < 0).any():
        raise UserError(f"The {name} need labels: {len(samples):,} classes as integers from 0, one per sample.")
    return labels.astype(np.int64)


def pictures(name: str, values: Array) -> Array:
    """`values` unchanged; raises UserError unless they are uint8 [n, height, width, channels], n > 0."""
    array = np.asarray(values)
    if array.dtype != np.uint8 or array.ndim != 4 or 0 in array.shape:
        raise UserError(
            f"The {name} must be pictures uint8 [n, height, width, channels] with n above 0, "
            f"not {array.dtype} {list(array.shape)}."
        )
    return array


def two_sets_of_pictures(fake: Array, real: Array) -> tuple[Array, Array]:
    """Both unchanged; raises UserError unless they are uint8 pictures of equal size and channels."""
    one, other = pictures("fakes", fake), pictures("real samples", real)
    if one.shape[1:] != other.shape[1:]:
        raise UserError(f"The fakes are pictures {list(one.shape[1:])}, the real samples {list(other.shape[1:])}.")
    return one, other


def trained_on(compared: Compared) -> Samples:
    """The training samples; raises UserError if there are none."""
    if compared.train is None:
        raise UserError("Training samples are required.")
    return compared.train


def enough(name: str, count: int, minimum: int, purpose: str) -> None:
    """Raises TooFewError, which names the set, if it has fewer than `minimum` samples."""
    if count < minimum:
        raise TooFewError(f"{purpose} needs at least {minimum:,} {name}, not {count:,}.")


def _count(invalid: Array) -> str:
    return f"{int(invalid.sum()):,} of {len(invalid):,} rows"
