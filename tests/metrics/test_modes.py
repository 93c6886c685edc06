"""Tests of the metric of modes: perfect mixtures, collapsed ones, and the width of a truncated Gaussian."""

import numpy as np
import pytest
from scipy.stats import chi2

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics.modes import METRIC, Mixture, mixture, modes, truncation

CENTRES = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
RING = Mixture.even(CENTRES, 0.01)


def points_of(labels: np.ndarray, sigma: float = 0.01, seed: int = 0) -> np.ndarray:
    return CENTRES[labels] + sigma * np.random.default_rng(seed).standard_normal((len(labels), 2))


def test_samples_of_the_mixture_have_perfect_values() -> None:
    found = modes(points_of(np.arange(40_000) % 8), RING)
    assert found["modes"] == found["modes of"] == 8
    assert found["high quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.002)  # 98.9 %
    assert found["reverse kl"] < 1e-4
    assert found["narrowest mode"] == pytest.approx(1, abs=0.03)
    assert found["widest mode"] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 10])
def test_the_width_of_a_truncated_gaussian(dimensions: int) -> None:
    expected = np.sqrt(chi2.cdf(9, dimensions + 2) / chi2.cdf(9, dimensions))
    assert truncation(dimensions) == pytest.approx(expected, rel=1e-12)
    points = np.random.default_rng(0).standard_normal((400_000, dimensions))
    assert points[np.linalg.norm(points, axis=1) <= 3].std() == pytest.approx(expected, abs=0.01)


def test_missing_and_narrow_modes_are_reported() -> None:
    found = modes(points_of(np.repeat([0, 1, 2], [600, 300, 100]), sigma=0.002), RING)
    p = np.array([0.6, 0.3, 0.1])
    assert found["modes"] == 3
    assert found["high quality"] == 1
    assert found["reverse kl"] == pytest.approx((p * np.log(p * 8)).sum())
    assert found["narrowest mode"] == pytest.approx(0.2 / truncation(2), rel=0.1)


def test_points_beyond_three_deviations_belong_to_no_mode() -> None:
    edge = CENTRES + np.array([[0.0299, 0], [0.0301, 0], *([[5, 5]] * 6)])
    found = modes(edge, RING)
    assert found["modes"] == 1
    assert found["high quality"] == 1 / 8
    assert found["reverse kl"] == pytest.approx(np.log(8))
    assert found["narrowest mode"] == found["widest mode"] == 0


def test_without_points_near_a_mode_the_divergence_is_maximal() -> None:
    uneven = Mixture(CENTRES[:2], np.array([0.01, 0.01]), np.array([0.9, 0.1]))
    assert modes(CENTRES + 3, uneven)["reverse kl"] == pytest.approx(np.log(10))


def test_the_values_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    points = points_of(np.arange(999) % 8)
    whole = modes(points, RING)
    monkeypatch.setattr("ganwright.metrics.modes.BLOCK", 100)
    assert modes(points, RING) == whole


def test_a_mixture_is_estimated_from_labelled_points() -> None:
    labels = np.repeat([3, 5], [30_000, 10_000])
    points = points_of(labels, sigma=1.0) * np.where(labels == 5, 2, 1)[:, None]
    estimated = mixture(points, labels)
    np.testing.assert_allclose(estimated.centres, [CENTRES[3], 2 * CENTRES[5]], atol=0.06)
    np.testing.assert_allclose(estimated.sigma, [1, 2], rtol=0.02)
    np.testing.assert_allclose(estimated.shares, [0.75, 0.25])


def test_the_metric_estimates_modes_from_labels_of_real_points() -> None:
    labels = np.arange(4000) % 8
    real = Samples(points_of(labels, seed=1), labels)
    found = METRIC.measure(Compared(Samples(points_of(labels)), real))
    assert found == modes(points_of(labels), mixture(real.values, labels))
    assert found.keys() == METRIC.values.keys()
    with pytest.raises(UserError, match="need labels"):
        METRIC.measure(Compared(real, Samples(real.values)))


def test_unusable_points_are_refused() -> None:
    with pytest.raises(TooFewError, match="at least 2 real points of each mode"):
        mixture(CENTRES[:3], np.array([0, 0, 1]))
    with pytest.raises(UserError, match="mode 1 coincide"):
        mixture(CENTRES[[0, 1, 2, 2]], np.array([0, 0, 1, 1]))
    with pytest.raises(UserError, match="dimensions"):
        modes(np.zeros((3, 3)), RING)
    with pytest.raises(UserError, match="NaN"):
        modes(np.full((3, 2), np.nan), RING)
