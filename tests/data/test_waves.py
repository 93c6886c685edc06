"""The laws of waves: lengths, static features, frequency, amplitude, phase, noise and regimes."""

from dataclasses import replace

import laws
import numpy as np
import pytest
import torch
from sinusoids import estimated

from ganwright.core.errors import UserError
from ganwright.data import waves
from ganwright.domains.table import Table

DATA = waves.load(count=4000)
WAVE, REGIME = DATA.samples[:, :, 0], DATA.samples[:, :, 1]
TEMPO, STRENGTH = DATA.samples[:, 0, 2], DATA.samples[:, 0, 3]
BOUND = 1.95 / np.sqrt(4000)  # of the Kolmogorov-Smirnov distance, of probability 0.001


def test_lengths_tempo_and_strength_follow_their_laws() -> None:
    lengths = (~np.isnan(WAVE)).sum(1)
    assert (lengths.min(), lengths.max()) == (10, 40)
    assert (lengths == 10).mean() == pytest.approx(1 / 16, abs=0.015)
    assert (lengths == 40).mean() == pytest.approx((15 / 16) ** 30, abs=0.02)
    assert laws.length_distance(lengths) < BOUND
    assert laws.distance(laws.uniform(TEMPO)) < BOUND
    assert laws.distance(laws.log_normal(STRENGTH)) < BOUND
    assert np.corrcoef([lengths, TEMPO, STRENGTH]) == pytest.approx(np.eye(3), abs=0.06)


def test_static_features_last_as_long_as_the_series() -> None:
    static = DATA.samples[:, :, 2:]
    assert np.array_equal(np.isnan(static), np.isnan(DATA.samples[:, :, :2]))
    assert (np.nanmax(static, 1) == np.nanmin(static, 1)).all()


def test_frequency_and_amplitude_follow_tempo_and_strength() -> None:
    frequency, amplitude = estimated(WAVE)
    tempo_left, strength_left = frequency - 0.1 - 0.1 * TEMPO, amplitude / STRENGTH - 1
    assert (tempo_left.mean(), tempo_left.std()) == (pytest.approx(0, abs=1e-3), pytest.approx(0.01, rel=0.1))
    assert (strength_left.mean(), strength_left.std()) == (pytest.approx(0, abs=0.01), pytest.approx(0.1, rel=0.1))
    assert np.corrcoef(tempo_left, strength_left)[0, 1] == pytest.approx(0, abs=0.06)
    assert frequency.std() == pytest.approx(laws.FREQUENCY_DEVIATION, rel=0.04)
    assert amplitude.std() == pytest.approx(laws.AMPLITUDE_DEVIATION, rel=0.06)


def test_regimes_are_a_stationary_markov_chain() -> None:
    before, after = REGIME[:, :-1], REGIME[:, 1:]
    assert set(np.unique(REGIME[~np.isnan(REGIME)])) == {0, 1}
    assert laws.changes(before == 0, after) == pytest.approx(0.1, abs=0.005)
    assert laws.changes(before == 1, 1 - after) == pytest.approx(0.2, abs=0.01)
    for step in (0, 5, 9):
        assert REGIME[:, step].mean() == pytest.approx(1 / 3, abs=0.03)


def test_with_conditions_the_same_series_have_no_static_features() -> None:
    data = waves.load("test", count=50, conditional=True)
    whole = waves.load("test", count=50)
    data.check()
    assert isinstance(data.condition_domain, Table)
    assert [column.name for column in data.condition_domain.columns] == ["tempo", "strength"]
    assert np.array_equal(data.samples, whole.samples[:, :, :2], equal_nan=True)
    assert data.conditions == pytest.approx(whole.samples[:, 0, 2:])
    assert data.paired


def test_own_scaling_makes_every_wave_fill_its_range() -> None:
    data = waves.load(count=50, scaling="own")
    encoded = data.domain.encode(torch.from_numpy(data.samples))
    assert encoded[:, :, 0].amax(1).numpy() == pytest.approx(np.ones(50), abs=1e-5)
    assert encoded[:, :, 0].amin(1).numpy() == pytest.approx(-np.ones(50), abs=1e-5)
    assert data.domain == replace(waves.load(count=50).domain, own_ranges=data.domain.own_ranges)


@pytest.mark.parametrize("options", [{"count": 1}, {"scaling": "auto"}, {"count": 10**6}])
def test_options_are_checked(options: dict) -> None:
    with pytest.raises(UserError, match=next(iter(options))):
        waves.load(**options)
