"""Frequency and amplitude of noisy waves of several lengths, by least squares."""

from __future__ import annotations

import numpy as np

SLOWEST, FASTEST = 0.02, 0.45  # cycles per time step that are looked for
COARSE = 0.002  # distance of the frequencies that are tried first, in cycles per time step: 1/12 of a cycle of 40 steps
FINE = 41  # frequencies that are tried between the neighbours of the best one
SHORTEST = 8  # time steps


def estimated(waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (cycles per time step) and amplitudes [n] of waves [n, time], NaN after their end; NaN below 8 steps.

    For each frequency a cos + b sin is fitted by least squares; the one that explains most is taken, among frequencies
    on a grid and then among finer ones around the best (the maximum of the generalised periodogram, Lomb 1976 and
    Scargle 1982). The amplitude is that of this fit.
    """
    long = (~np.isnan(waves)).sum(1) >= SHORTEST
    frequency, amplitude = np.full(len(waves), np.nan), np.full(len(waves), np.nan)
    if long.any():
        some = np.asarray(waves, dtype=np.float64)[long]
        grid = np.arange(SLOWEST, FASTEST + COARSE, COARSE)
        best = grid[explained(some, grid[None])[0].argmax(1)]
        near = best[:, None] + np.linspace(-COARSE, COARSE, FINE)
        power, size = explained(some, near)
        rows, places = np.arange(len(some)), power.argmax(1)
        frequency[long], amplitude[long] = near[rows, places], size[rows, places]
    return frequency, amplitude


def explained(waves: np.ndarray, frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum of squares that a cos + b sin explains, and its amplitude, [n, tried], for frequencies [1 or n, tried].

    With C = sum cos^2, S = sum sin^2, P = sum cos sin, X = sum y cos, Y = sum y sin over the steps of a wave:
    a = (S X - P Y) / (C S - P^2), b = (C Y - P X) / (C S - P^2), and a X + b Y is explained.
    """
    lasts = (~np.isnan(waves)).astype(np.float64)
    values = np.nan_to_num(waves)
    angles = 2 * np.pi * frequencies[:, None] * np.arange(waves.shape[1])[:, None]  # [1 or n, time, tried]
    cos, sin = np.cos(angles), np.sin(angles)
    c, s, p = (_over_time(lasts, product) for product in (cos * cos, sin * sin, cos * sin))
    x, y = _over_time(values, cos), _over_time(values, sin)
    determinant = c * s - p * p
    a, b = (s * x - p * y) / determinant, (c * y - p * x) / determinant
    return a * x + b * y, np.hypot(a, b)


def _over_time(values: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Sums over time, [n, tried], of values [n, time] times products [1 or n, time, tried]."""
    sums: np.ndarray = (values[:, None] @ products)[:, 0]
    return sums
