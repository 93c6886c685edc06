"""Checks and scales windows, and a recurrent network, for the metrics of time series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Samples, TooFewError

MIN_TRAINED = 100  # series of each kind, for a metric that trains networks on them
MIN_COUNTED = 20  # for one that does not
LAYERS = 2


def checked(compared: Compared, least: int = MIN_COUNTED) -> tuple[Array, Array]:
    """Fakes and real series, float64 [n, time, column], NaN after their end.

    Raises TooFewError below `least` of either, and UserError for fakes that are not finite before their end.
    """
    fake, real = (np.asarray(samples.values, dtype=np.float64) for samples in (compared.fake, compared.real))
    if min(len(fake), len(real)) < least:
        raise TooFewError(
            f"At least {least} series of each kind are needed, not {len(fake)} generated and {len(real)} real ones: "
            "judge more samples (-n), or hold out more data (--test-share)."
        )
    lasts = lasting(fake)
    ends_once = lasts[:, 0].all() and (lasts[:, 1:] <= lasts[:, :-1]).all()
    if not (ends_once and (np.isfinite(fake) == lasts[..., None]).all()):
        raise UserError("Some generated windows hold NaN or infinity: the generator has diverged.")
    return fake, real


def lasting(series: Array) -> Array:
    """Whether each series still lasts at each time step, bool [n, time]."""
    return np.asarray((~np.isnan(series)).any(axis=2))


def columns_of(samples: Samples) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """The columns that change over time, and the static ones; columns that are not described hold numbers."""
    columns = samples.columns or tuple(Column(f"x{place}") for place in range(samples.values.shape[2]))
    changing = len(columns) - samples.static
    return columns[:changing], columns[changing:]


def numbers(samples: Samples) -> list[int]:
    """The places of the numerical features."""
    return [place for place, column in enumerate(columns_of(samples)[0]) if not column.categories]


def no_numbers(real: Samples) -> str:
    """For `Metric.unfit`."""
    return "" if numbers(real) else "no feature is numerical"


@dataclass(frozen=True)
class Windows:
    """Series as networks read them; after its end a series is 0 everywhere."""

    features: tuple[Tensor, ...]  # float32 [n, time, width] each: scaled numbers, or one-hot categories
    static: tuple[Tensor, ...]  # the same, constant over time
    lasts: Tensor  # bool [n, time]

    def __len__(self) -> int:
        return len(self.lasts)


def scaled(compared: Compared) -> tuple[Windows, Windows]:
    """Fakes and real series; each column of numbers is min-max scaled by the real ones' range. Raises as `checked`."""
    fake, real = checked(compared, MIN_TRAINED)
    low, high = np.nanmin(real, axis=(0, 1)), np.nanmax(real, axis=(0, 1))
    span = np.where(high > low, high - low, 1.0)
    features, static = columns_of(compared.real)

    def made(series: Array) -> Windows:
        lasts = torch.from_numpy(lasting(series))
        within, stored = (torch.from_numpy(one).nan_to_num(0.0) for one in ((series - low) / span, series))
        parts = [_part(column, within[..., at], stored[..., at], lasts) for at, column in enumerate(features + static)]
        return Windows(tuple(parts[: len(features)]), tuple(parts[len(features) :]), lasts)

    return made(fake), made(real)


def _part(column: Column, scaled: Tensor, stored: Tensor, lasts: Tensor) -> Tensor:
    """A column [n, time] as float32 [n, time, width]."""
    if not column.categories:
        return scaled.float().unsqueeze(2)
    return F.one_hot(stored.long(), column.width).float() * lasts.unsqueeze(2)


def joined(parts: Sequence[Tensor]) -> Tensor:
    """Parts [n, time, width] as one [n, time, channels]."""
    return torch.cat(list(parts), 2)


class Recurrent(nn.Module):
    """Two GRU layers and a linear one: series [n, time, feature] to [n, time], a number after each time step."""

    def __init__(self, features: int, size: int) -> None:
        super().__init__()
        self.layers = nn.GRU(features, size, LAYERS, batch_first=True)
        self.last = nn.Linear(size, 1)

    def forward(self, series: Tensor) -> Tensor:
        states, _ = self.layers(series)
        scores: Tensor = self.last(states)
        return scores.squeeze(2)
