"""The resolution of numbers: what all of them are multiples of."""

import numpy as np
import pytest

from ganwright.core.column import Column, resolution_of

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("values", "resolution"),
    [
        ([10, 20, 50], 10.0),
        ([0, 5], 5.0),
        ([3, 4, 1e12], 1.0),
        ([0.25, 0.5, 1.75], 0.25),
        (RANDOM.normal(size=1000).round(2), 0.01),
        (np.float32([5.827, 3.2, 1.001]), 0.001),  # as a .csv may have been written
        (RANDOM.uniform(size=100), 0.0),
        ([19.89, 17.1666666667], 0.0),
        ([4, 4, 4], 1.0),
        ([0.5, 0.5], 0.0),
        ([], 0.0),
    ],
)
def test_values_are_multiples_of_their_resolution(values: object, resolution: float) -> None:
    assert resolution_of(np.asarray(values, dtype=np.float64)) == resolution


@pytest.mark.parametrize("resolution", [0.0, 0.01, 2.5, 1.0, 5.0])
def test_multiples_of_whole_numbers_are_whole(resolution: float) -> None:
    assert Column("x", resolution=resolution).integer == (resolution in (1, 5))


def test_one_value_off_the_grid_is_enough() -> None:
    values = 10.0 * np.arange(1000)
    assert Column.spanning("x", values).resolution == Column.of_numbers("x", values).resolution == 10
    values[999] += 1
    assert Column.spanning("x", values).resolution == 1
