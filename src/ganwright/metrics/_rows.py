"""Validates the rows passed to metrics of tables."""

from __future__ import annotations

import numpy as np

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, TooFewError


def columns_of(compared: Compared, minimum: int) -> tuple[Column, ...]:
    """The columns of the compared tables.

    Raises TooFewError below `minimum` rows of either, and UserError for fakes that are not finite; NaN is a missing
    value where the real column has some.
    """
    for name, samples in (("fakes", compared.fake), ("real rows", compared.real)):
        if len(samples) < minimum:
            raise TooFewError(
                f"At least {minimum} {name} are needed, not {len(samples)}: judge more samples (-n), or hold out more "
                "data (--test-share)."
            )
    columns = compared.real.columns
    may_be_missing = np.array([column.mark is not None for column in columns])
    values = compared.fake.values
    if not (np.isfinite(values) | (may_be_missing & np.isnan(values))).all():
        raise UserError("Some generated rows hold NaN or infinity: the generator has diverged.")
    return columns
