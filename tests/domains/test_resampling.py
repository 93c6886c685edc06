"""Resampling: what both rates can hold stays, what the new one cannot vanishes."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from ganwright.domains import _resampling
from ganwright.domains._resampling import resampled

RATES = [(44_100, 8_000), (8_000, 16_000), (44_056, 8_000), (8_000, 11_027)]


def sine(frequency: float, rate: int, seconds: float = 0.1) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate + 0.3)


@pytest.mark.parametrize(("rate", "target"), RATES)
@pytest.mark.parametrize("share", [0.05, 0.8])
def test_a_sine_in_the_passband_stays_that_sine(rate: int, target: int, share: float) -> None:
    frequency = share * min(rate, target) / 2
    made = resampled(sine(frequency, rate), rate, target)
    inner = slice(len(made) // 4, -len(made) // 4)
    assert np.abs(made - sine(frequency, target, len(made) / target))[inner].max() < 1e-3


@pytest.mark.parametrize("frequency", [4_001, 5_000, 21_000])
def test_what_the_new_rate_cannot_hold_vanishes(frequency: int) -> None:
    made = resampled(sine(frequency, 44_100), 44_100, 8_000)
    inner = slice(len(made) // 4, -len(made) // 4)
    assert np.abs(made[inner]).max() < 10 ** (-70 / 20)


@pytest.mark.parametrize(("rate", "target"), RATES)
def test_a_constant_stays_and_the_length_is_rounded_up(rate: int, target: int) -> None:
    made = resampled(np.ones(3_001), rate, target)
    assert len(made) == -(-3_001 * target // rate)
    assert made[len(made) // 2] == pytest.approx(1, abs=1e-6)


def test_it_agrees_with_scipy_on_sound_below_the_cutoff() -> None:
    noise = np.convolve(np.random.default_rng(0).standard_normal(6_000), np.hanning(31) / 15, "same")
    one, other = resampled(noise, 16_000, 12_000), resample_poly(noise, 3, 4, window=("kaiser", 12.0))
    assert np.abs(one - other)[200:-200].max() < 0.01 * np.abs(noise).max()


def test_an_equal_rate_changes_nothing() -> None:
    sound = np.random.default_rng(0).standard_normal(100).astype(np.float32)
    assert resampled(sound, 8_000, 8_000) is sound


def test_absurd_rates_take_little_memory() -> None:
    assert len(resampled(np.zeros(1_000), 999_983, 101)) == 1
    assert len(resampled(np.zeros(2), 100, 99_991)) == 2_000


def test_sound_in_blocks_and_by_either_way_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, 600).astype(np.float32)
    whole = resampled(noise, 16_000, 8_000)
    for block in (300, 100):  # several convolutions; values one by one
        monkeypatch.setattr(_resampling, "BLOCK", block)
        assert np.abs(resampled(noise, 16_000, 8_000) - whole).max() < 1e-5
