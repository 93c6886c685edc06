"""The figures of a health check, on cases with known results."""

import numpy as np
import pytest

from ganwright.health.evidence import NUMBERS, Reference, clustered, distances, principal_axes, separation, within

RANDOM = np.random.default_rng(0)
ANGLES = 2 * np.pi * np.arange(10) / 10
CENTRES = 10 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def mixture(count: int, seed: int = 0, modes: int = 10) -> np.ndarray:
    """Points around the first `modes` of ten centres."""
    random = np.random.default_rng(seed)
    return (CENTRES[random.integers(modes, size=count)] + 0.1 * random.standard_normal((count, 2))).astype(np.float32)


REFERENCE = Reference.fitted(mixture(2000), classes=10)


def test_each_mode_is_a_cluster() -> None:
    nearest = distances(CENTRES, REFERENCE.centres + REFERENCE.mean).min(1)
    assert (nearest < 0.1).all()
    assert REFERENCE.shares == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("modes", [1, 4, 10])
def test_clusters_without_a_sample_are_missing(modes: int) -> None:
    fake = REFERENCE.project(mixture(256, seed=1, modes=modes))
    assert REFERENCE.missing(fake) == 10 - modes


def test_real_against_real_has_no_distance_and_full_diversity() -> None:
    fake = REFERENCE.project(mixture(256, seed=2))
    assert abs(REFERENCE.distance(fake)) < 0.02
    assert REFERENCE.diversity(fake) == pytest.approx(1, abs=0.05)


def test_a_single_point_has_no_diversity() -> None:
    fake = REFERENCE.project(np.repeat(mixture(1), 256, axis=0))
    assert REFERENCE.diversity(fake) < 1e-6
    assert REFERENCE.distance(fake) > 0.3


def test_energy_distance_of_two_distant_clouds_is_twice_their_distance_over_the_spread() -> None:
    """2 E|x-y| - E|x-x'| - E|y-y'| -> 2 |shift| when the shift is much larger than the spreads."""
    shifted = REFERENCE.project(mixture(256, seed=3) + np.float32(1e4))
    expected = 2 * 1e4 * np.sqrt(2) / REFERENCE.spread
    assert REFERENCE.distance(shifted) == pytest.approx(expected, rel=0.01)


def test_principal_axes_are_those_of_the_covariance() -> None:
    centred = RANDOM.standard_normal((500, 60)) * np.geomspace(10, 1e-3, 60)
    centred -= centred.mean(0)
    axes = principal_axes(centred)
    assert axes.T @ axes == pytest.approx(np.eye(32), abs=1e-8)
    largest = np.sort(np.linalg.eigvalsh(centred.T @ centred))[::-1][:32].sum()
    assert np.square(centred @ axes).sum() == pytest.approx(largest, rel=1e-6)


def test_large_samples_are_compared_by_a_subset_of_their_numbers() -> None:
    assert principal_axes(RANDOM.standard_normal((50, 3))).tolist() == np.eye(3).tolist()
    pictures = RANDOM.standard_normal((64, 3, 64, 64)).astype(np.float32)
    reference = Reference.fitted(pictures, classes=2)
    assert len(reference.indices) == NUMBERS
    assert reference.project(pictures).shape == (64, 32)


def test_identical_points_make_one_cluster() -> None:
    assert len(clustered(np.ones((20, 2)), 10)) == 1


def test_the_mean_pairwise_distance_excludes_a_point_and_itself() -> None:
    assert within(np.array([[0.0], [3.0]])) == pytest.approx(3)


def test_separation_is_the_area_under_the_roc_curve() -> None:
    real, fake = RANDOM.standard_normal(80), RANDOM.standard_normal(90)
    real[:10] = fake[:10]  # ties count half
    pairs = (real[:, None] > fake).mean() + 0.5 * (real[:, None] == fake).mean()
    assert separation(real, fake) == pytest.approx(pairs)
    assert separation(real + 100, fake) == 1
