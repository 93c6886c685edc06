"""Ratios of power spectra in decibels: the most that is too much, and the most that is missing."""

import numpy as np
import pytest

from ganwright.health.textures import Textures, textures

FLAT = np.ones((20, 10))


def test_the_highest_and_the_lowest_hundredth_of_the_worst_spectrum_count() -> None:
    fake = FLAT.copy()
    fake[0, :2], fake[1, :2] = 100, 0.001
    found = textures({"a": FLAT, "b": fake}, {"a": FLAT, "b": FLAT})
    assert found == pytest.approx((20, 30, 0))


def test_what_has_no_spectra_has_no_textures() -> None:
    assert textures({}, {}) == Textures(0.0, 0.0, 0.0)


def test_power_that_is_too_much_at_most_frequencies_is_noise() -> None:
    fake = np.where(np.arange(10) < 6, 10.0, 1.0) * FLAT
    assert textures({"a": fake}, {"a": FLAT}) == pytest.approx((10, 0, 10))
