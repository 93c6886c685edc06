"""Tones and drums follow their laws."""

from types import ModuleType

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.data import drums, tones


@pytest.mark.parametrize("name", [tones, drums], ids=["tones", "drums"])
def test_parts_and_seeds_differ_and_classes_take_turns(name: ModuleType) -> None:
    train, test = (name.load(part, count=10, length=512) for part in ("train", "test"))
    assert train.domain == test.domain
    assert np.bincount(train.labels).tolist() == [3, 3, 2, 2]
    assert np.array_equal(name.load(count=10, length=512).samples, train.samples)
    assert not np.array_equal(test.samples, train.samples)
    assert not np.array_equal(name.load(count=10, length=512, data_seed=1).samples, train.samples)
    with pytest.raises(UserError, match="length must be at least 16"):
        name.load(length=8)
    with pytest.raises(UserError, match="count x length must be at most"):
        name.load(count=10**6, length=10**6)


def test_peaks_lie_in_their_range() -> None:
    for data, low, high in ((tones.load(count=200), -15, -3), (drums.load(count=200), -12, -1)):
        peaks = 20 * np.log10(np.abs(data.samples.astype(float)).max(axis=1) / 32_767)
        assert low - 0.01 < peaks.min() < low + 1
        assert high - 1 < peaks.max() < high + 0.01


def test_periodic_sound_is_its_fourier_series() -> None:
    phase = np.random.default_rng(0).uniform(0, 3_000, (4, 50))
    coefficients = np.random.default_rng(1).normal(size=(4, 16))
    expected = sum(coefficients[:, k : k + 1] * np.sin((k + 1) * phase) for k in range(16))
    assert tones.periodic(phase, coefficients) == pytest.approx(expected, abs=1e-9)


def test_timbres_have_their_harmonics_and_none_from_half_the_rate_on() -> None:
    data = tones.load(count=40)
    weights = tones.weights(np.array([0, 1, 2, 3]), np.full((4, 1), 500.0))
    assert weights[0].nonzero()[0].tolist() == [0]
    assert weights[2, :7] == pytest.approx([1, 0, 1 / 3, 0, 1 / 5, 0, 1 / 7])
    assert weights[3, :8].tolist() == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7, 0]
    wave = tones.periodic(np.linspace(0, 2 * np.pi, 100)[None], weights[1:2])
    assert wave.max() == pytest.approx(np.pi**2 / 8, rel=0.06)  # a triangle, up to the ninth harmonic
    power = np.abs(np.fft.rfft(data.samples * np.hanning(4_096)))
    loudest = power.argmax(axis=1) * 8_000 / 4_096
    assert ((loudest > 105) & (loudest < 890)).all()


def test_drums_have_their_frequencies() -> None:
    data = drums.load(count=200)
    power = np.square(np.abs(np.fft.rfft(data.samples.astype(float))))
    centre = (power * np.arange(2_049)).sum(axis=1) / power.sum(axis=1) * 8_000 / 4_096
    means = {name: centre[data.labels == place].mean() for place, name in enumerate(data.classes)}
    assert means["kick"] < means["tom"] < means["snare"] < means["hi-hat"]
    assert means["hi-hat"] > 2_500
    times = np.arange(4_096) / 8_000
    made = drums.falling(times, *(np.array([[one]]) for one in (50.0, 200.0, 0.03, 1e9)))
    crossings = np.flatnonzero(np.diff(np.sign(made[0])) > 0)
    assert 8_000 / np.diff(crossings)[-1] == pytest.approx(50, rel=0.02)  # it has fallen
