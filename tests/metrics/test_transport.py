"""Tests of Wasserstein distances: exact in one dimension, invariances, and known displacements."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from ganwright.core.errors import MissingExtraError, UserError
from ganwright.core.metric import Compared, Samples
from ganwright.metrics import sliced_points, sliced_wasserstein, wasserstein
from ganwright.metrics._transport import directions, on_lines


@given(st.integers(0, 1000), st.integers(1, 40), st.integers(1, 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_one_dimensional_distances_agree_with_scipy(seed: int, n: int, m: int, ties: bool) -> None:
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((n, 3)), 2 * random.standard_normal((m, 3))
    x, y = (x.round(), y.round()) if ties else (x, y)
    expected = [wasserstein_distance(x[:, i], y[:, i]) for i in range(3)]
    np.testing.assert_allclose(on_lines(x, y), expected, rtol=1e-12, atol=1e-13)


def test_directions_are_fixed_unit_vectors() -> None:
    found = directions(5, 4000)
    np.testing.assert_allclose(np.linalg.norm(found, axis=0), 1)
    np.testing.assert_allclose(found @ found.T / 4000, np.eye(5) / 5, atol=0.02)
    assert (found == directions(5, 4000)).all()


def test_a_shift_gives_its_length_and_in_slices_the_mean_projection() -> None:
    points = np.random.default_rng(0).standard_normal((300, 2))
    shifted = points + np.array([3, 4])
    assert wasserstein.wasserstein(shifted, points) == pytest.approx(5)
    # the mean of |cos| over directions of the plane is 2 / pi
    assert sliced_points.sliced_points(shifted, points, 3000) == pytest.approx(5 * 2 / np.pi, rel=0.03)


def test_the_distances_are_zero_to_itself_and_symmetric() -> None:
    random = np.random.default_rng(0)
    one, other = random.standard_normal((301, 3)), random.standard_normal((301, 3)) + 1
    for distance in (wasserstein.wasserstein, sliced_points.sliced_points):
        assert distance(one, one[::-1]) == pytest.approx(0, abs=1e-12)
        assert distance(one, other) == pytest.approx(distance(other, one))


def test_the_assignment_equals_sorting_in_one_dimension() -> None:
    random = np.random.default_rng(0)
    one, other = random.standard_normal((200, 1)), random.standard_cauchy((200, 1))
    assert wasserstein.wasserstein(one, other) == pytest.approx(on_lines(one, other)[0], rel=1e-12)


def test_larger_sets_are_cut_to_a_fixed_random_subset() -> None:
    random = np.random.default_rng(0)
    ordered = np.sort(random.standard_normal((900, 1)), axis=0)
    other = random.standard_normal((300, 1))
    found = wasserstein.wasserstein(ordered, other, count=250)
    assert found == wasserstein.wasserstein(ordered, other, count=250)
    assert found < 0.3 < wasserstein.wasserstein(ordered[:250], other, count=250)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtraError, match=r"ganwright\[metrics\]"):
        wasserstein.wasserstein(np.zeros((2, 2)), np.ones((2, 2)))


def test_pictures_are_compared_as_values_over_255(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    fake = random.integers(0, 256, (37, 6, 5, 3), dtype=np.uint8)
    real = random.integers(0, 128, (29, 6, 5, 3), dtype=np.uint8)
    monkeypatch.setattr(sliced_wasserstein, "BLOCK", 8)
    flat = [pictures.reshape(len(pictures), -1) / 255 for pictures in (fake, real)]
    expected = sliced_points.sliced_points(*flat, sliced_wasserstein.DIRECTIONS)
    assert sliced_wasserstein.sliced_wasserstein(fake, real) == pytest.approx(expected, rel=1e-5)


def test_bad_values_are_refused() -> None:
    points, pictures = np.zeros((4, 2)), np.zeros((4, 6, 5, 3), np.uint8)
    with pytest.raises(UserError, match="NaN"):
        wasserstein.wasserstein(points, points + np.nan)
    with pytest.raises(UserError, match="dimensions"):
        sliced_points.sliced_points(points, points[:, :1])
    with pytest.raises(UserError, match="uint8"):
        sliced_wasserstein.sliced_wasserstein(pictures / 255, pictures)
    with pytest.raises(UserError, match=r"\[6, 5, 3\], the real samples \[6, 4, 3\]"):
        sliced_wasserstein.sliced_wasserstein(pictures, pictures[:, :, :4])


def test_the_metrics_declare_their_values() -> None:
    points, pictures = Samples(np.zeros((4, 2))), Samples(np.zeros((4, 6, 5, 3), np.uint8))
    for module, samples in ((wasserstein, points), (sliced_points, points), (sliced_wasserstein, pictures)):
        found = module.METRIC.measure(Compared(samples, samples))
        assert found.keys() == module.METRIC.values.keys()
        assert set(found.values()) == {0.0}
