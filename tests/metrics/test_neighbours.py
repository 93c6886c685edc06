"""Tests of nearest neighbours and their metrics: equal to the definitions for any block size and for duplicates."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics import _neighbours, density_coverage, precision_recall
from ganwright.metrics._neighbours import inside, nearest, radii

Sets = Callable[[np.random.Generator, int, int], np.ndarray]


def gaussian(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return random.standard_normal((n, d))


def far_from_the_origin(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return 1e4 + random.standard_normal((n, d))


def lattice(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return random.integers(0, 2, (n, d)).astype(float)


def with_outliers(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return random.standard_cauchy((n, d)) ** 3


def nearly_collapsed(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return random.integers(0, 3, (n, 1)) + 1e-9 * random.standard_normal((n, d))


def collapsed(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    return np.full((n, d), 0.1)


every_distribution = pytest.mark.parametrize(
    "sets", [gaussian, far_from_the_origin, lattice, with_outliers, nearly_collapsed, collapsed]
)


@pytest.fixture(autouse=True, params=[(7, 3), (1 << 23, 128)], ids=["small blocks", "one block"])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_neighbours, "BLOCK", request.param[0])
    monkeypatch.setattr(_neighbours, "MIN_ROWS", request.param[1])


@every_distribution
@pytest.mark.parametrize("count", [1, 3])
def test_nearest_neighbours_equal_those_of_sorted_distances(sets: Sets, count: int) -> None:
    random = np.random.default_rng(0)
    points, among = sets(random, 31, 6), sets(random, 200, 6)
    distances, rows = nearest(points, among, count)
    everything = cdist(points, among)
    np.testing.assert_allclose(distances, np.sort(everything, axis=1)[:, :count], rtol=1e-12)
    np.testing.assert_allclose(np.take_along_axis(everything, rows, axis=1), distances, rtol=1e-12)
    assert all(len(set(row)) == count for row in rows.tolist())


@every_distribution
def test_no_row_is_its_own_neighbour(sets: Sets) -> None:
    points = sets(np.random.default_rng(0), 131, 6)
    distances, rows = nearest(points, points, 2, itself=True)
    assert (rows != np.arange(131)[:, None]).all()
    everything = cdist(points, points) + np.diag(np.full(131, np.inf))
    np.testing.assert_allclose(distances, np.sort(everything, axis=1)[:, :2], rtol=1e-12)


@every_distribution
@pytest.mark.parametrize("k", [3, 5])
def test_the_metrics_equal_their_definitions(sets: Sets, k: int) -> None:
    random = np.random.default_rng(1)
    fake, real = sets(random, 131, 6), sets(random, 117, 6)
    own = [np.sort(cdist(x, x), axis=1)[:, k] for x in (fake, real)]  # the first is the sample itself
    within = cdist(fake, real) <= own[1]
    assert precision_recall.precision_recall(fake, real, k) == (
        within.any(axis=1).mean(),
        (cdist(real, fake) <= own[0]).any(axis=1).mean(),
    )
    density = within.sum() / (k * 131)
    assert density_coverage.density_coverage(fake, real, k) == (density, within.any(axis=0).mean())


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(6, 60), st.integers(1, 5), st.sampled_from([1, 3, 300]))
@settings(max_examples=40, deadline=None)
def test_balls_are_closed(seed: int, n: int, m: int, k: int, d: int) -> None:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((m, d)) * np.exp(random.standard_normal((m, 1)) * 3)
    points = np.concatenate([centres, random.standard_normal((n, d))])
    sizes, neighbour = radii(centres, k), nearest(centres, centres, k, itself=True)[1][:, -1]
    found = np.concatenate(list(inside(points, centres, sizes)))
    assert found[neighbour, np.arange(m)].all()
    distances = cdist(points, centres)
    clear = abs(distances - sizes) > 1e-9 * sizes
    np.testing.assert_array_equal(found[clear], (distances <= sizes)[clear])


@every_distribution
def test_the_values_do_not_depend_on_order_or_memory_layout(sets: Sets) -> None:
    random = np.random.default_rng(1)
    fake, real = sets(random, 61, 6), sets(random, 57, 6)
    view = np.asfortranarray(fake)[::-1]
    view.flags.writeable = False
    assert precision_recall.precision_recall(view, real) == precision_recall.precision_recall(fake, real)


def test_the_metrics_agree_with_prdc() -> None:
    prdc = pytest.importorskip("prdc", reason="prdc is not installed")
    random = np.random.default_rng(0)
    fake, real = random.standard_normal((301, 9)), 1.2 * random.standard_normal((257, 9))
    theirs = prdc.compute_prdc(real_features=real, fake_features=fake, nearest_k=5)
    assert precision_recall.precision_recall(fake, real, 5) == pytest.approx((theirs["precision"], theirs["recall"]))
    ours = density_coverage.density_coverage(fake, real, 5)
    assert ours == pytest.approx((theirs["density"], theirs["coverage"]), rel=1e-12)


def test_equal_distant_and_collapsed_sets_have_known_values() -> None:
    random = np.random.default_rng(0)
    real, far = random.standard_normal((100, 4)), 1000 + random.standard_normal((100, 4))
    assert precision_recall.precision_recall(real, real) == (1, 1)
    assert precision_recall.precision_recall(far, real) == (0, 0)
    assert density_coverage.density_coverage(far, real) == (0, 0)
    assert density_coverage.density_coverage(real, real)[1] == 1
    one_mode = np.repeat(real[:1], 100, axis=0)
    assert precision_recall.precision_recall(one_mode, real) == (1, 0.01)


def test_the_density_of_an_equal_distribution_is_one() -> None:
    random = np.random.default_rng(0)
    fake, real = random.standard_normal((2000, 3)), random.standard_normal((2000, 3))
    assert density_coverage.density_coverage(fake, real)[0] == pytest.approx(1, abs=0.05)


def test_too_few_samples_and_bad_values_are_refused() -> None:
    good = np.random.default_rng(0).standard_normal((5, 4))
    with pytest.raises(TooFewError, match="at least 4 fakes, not 3"):
        precision_recall.precision_recall(good[:3], good)
    with pytest.raises(TooFewError, match="at least 6 real samples, not 5"):
        density_coverage.density_coverage(good, good)
    with pytest.raises(UserError, match="NaN"):
        precision_recall.precision_recall(good, np.where(good > 0, np.inf, good))
    with pytest.raises(UserError, match="dimensions"):
        density_coverage.density_coverage(good[:, :2], good)


@pytest.mark.parametrize("module", [precision_recall, density_coverage])
def test_the_metrics_declare_their_values(module: type[precision_recall] | type[density_coverage]) -> None:
    random = np.random.default_rng(0)
    compared = Compared(Samples(random.standard_normal((20, 4))), Samples(random.standard_normal((30, 4))))
    assert module.METRIC.measure(compared).keys() == module.METRIC.values.keys()
