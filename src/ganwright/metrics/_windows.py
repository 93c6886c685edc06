"""Scaling of windows and a recurrent network, shared by the metrics of time series."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, TooFewError

MIN_WINDOWS = 100  # of each kind
LAYERS = 2


def scaled(compared: Compared) -> tuple[Tensor, Tensor]:
    """Fakes and real windows [n, time, feature], float32, min-max scaled per feature by the real ones' range.

    Raises TooFewError below 100 of either, and UserError for fakes that are not finite.
    """
    fake, real = (np.asarray(samples.values, dtype=np.float64) for samples in (compared.fake, compared.real))
    if min(len(fake), len(real)) < MIN_WINDOWS:
        raise TooFewError(f"At least {MIN_WINDOWS} windows are needed, not {len(fake)} fakes and {len(real)} real.")
    if not np.isfinite(fake).all():
        raise UserError("Some generated windows hold NaN or infinity: the generator has diverged.")
    low, high = real.min(axis=(0, 1)), real.max(axis=(0, 1))
    span = np.where(high > low, high - low, 1.0)
    return torch.from_numpy((fake - low) / span).float(), torch.from_numpy((real - low) / span).float()


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
