"""Rows as the metrics of tables take them: enough of them, with columns, and none of them nan."""

from __future__ import annotations

import numpy as np

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, TooFewError


def columns_of(compared: Compared, fewest: int) -> tuple[Column, ...]:
    """The columns of what is compared; a TooFewError below `fewest` rows, a UserError where fakes are not finite."""
    for name, samples in (("fakes", compared.fake), ("real rows", compared.real)):
        if len(samples) < fewest:
            raise TooFewError(f"There are {len(samples)} {name}; {fewest} are needed.")
    if not np.isfinite(compared.fake.values).all():
        raise UserError("Some of the generated rows hold nan or infinity: the generator has diverged.")
    return compared.real.columns
