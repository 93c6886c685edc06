"""Tests of memorisation: new samples, copies, and duplicates in the held-out samples."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics.memorisation import METRIC, closest_pairs, memorisation


def drawn(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 8))


def test_new_samples_give_the_expected_values() -> None:
    ratio, share = memorisation(drawn(3000, 1), drawn(3000, 2), drawn(4000, 3))
    assert ratio == pytest.approx(1, abs=0.03)
    assert share == pytest.approx(0.01, abs=0.006)


def test_copies_are_detected_despite_copies_among_held_out_samples() -> None:
    train, held_out = drawn(4000, 3), drawn(1000, 2)
    fake = np.concatenate([train[:300], drawn(700, 1)])
    ratio, share = memorisation(fake, held_out, train)
    assert share == pytest.approx(0.3, abs=0.02)
    assert memorisation(fake, np.concatenate([held_out, train[:50]]), train) == (ratio, share)
    assert memorisation(train[:500], held_out, train) == (0, 1)


def test_it_equals_its_definition() -> None:
    fake, held_out, train = drawn(211, 1), drawn(133, 2), drawn(507, 3)
    near, expected = cdist(fake, train).min(axis=1), cdist(held_out, train).min(axis=1)
    ratio, share = memorisation(fake, held_out, train)
    assert ratio == pytest.approx(np.median(near) / np.median(expected), rel=1e-12)
    assert share == (near < np.quantile(expected, 0.01)).mean()


def test_closest_pairs_are_sorted_and_list_each_fake_once() -> None:
    train = drawn(100, 3)
    fake = drawn(40, 1)
    fake[[7, 30]] = train[[50, 50]] + [[0.001], [0]]
    fakes, trained = closest_pairs(fake, train, 5)
    assert fakes[:2].tolist() == [30, 7]
    assert trained[:2].tolist() == [50, 50]
    distances = np.linalg.norm(fake[fakes] - train[trained], axis=1)
    np.testing.assert_allclose(distances, np.sort(cdist(fake, train).min(axis=1))[:5], rtol=1e-12)
    assert len(closest_pairs(fake, train, 1000)[0]) == 40


def test_unusable_samples_are_refused() -> None:
    train = drawn(300, 3)
    with pytest.raises(TooFewError, match="at least 100 held-out real samples, not 99"):
        memorisation(train, train[:99], train)
    with pytest.raises(UserError, match="copy of a training sample"):
        memorisation(train, train[:200], train)
    with pytest.raises(UserError, match="training samples 7"):
        memorisation(train, train[:200], train[:, :7])


def test_the_metric_needs_training_samples() -> None:
    fake, held_out, train = Samples(drawn(50, 1)), Samples(drawn(150, 2)), Samples(drawn(100, 3))
    found = METRIC.measure(Compared(fake, held_out, train))
    assert found.keys() == METRIC.values.keys()
    assert tuple(found.values()) == memorisation(fake.values, held_out.values, train.values)
    with pytest.raises(UserError, match="Training samples are required"):
        METRIC.measure(Compared(fake, held_out))
