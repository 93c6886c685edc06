"""Tests of the linear probe and of the metrics of classes."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics import _probe, agreement, class_distance, classes
from ganwright.metrics.frechet import frechet

CENTRES = 8 * np.eye(6)[:4]  # 4 classes, far apart in 6 dimensions


def samples(labels: np.ndarray, seed: int) -> Samples:
    noise = np.random.default_rng(seed).standard_normal((len(labels), 6))
    return Samples((CENTRES[labels] + noise).astype(np.float32), labels)


def even(count: int) -> np.ndarray:
    return np.arange(count) % 4


def test_the_probe_separates_distant_classes_reproducibly() -> None:
    train, real = samples(even(800), 0), samples(even(400), 1)
    probe, again = (_probe.fit(train.values.astype(float), train.labels) for _ in range(2))
    assert (probe.predict(real.values) == real.labels).all()
    assert (probe.weight == again.weight).all()


def test_the_probe_minimises_its_convex_loss() -> None:
    random = np.random.default_rng(0)
    features, labels = random.standard_normal((300, 6)) * [1, 10, 0.1, 1, 1, 0] + 5, even(300)
    probe = _probe.fit(features, labels)
    scores = (features - probe.mean) / probe.deviation @ probe.weight + probe.bias
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    error = (shares - np.eye(4)[labels]) / 300
    gradient = ((features - probe.mean) / probe.deviation).T @ error + _probe.DECAY * probe.weight
    assert abs(gradient).max() < 2e-5
    assert abs(error.sum(axis=0)).max() < 2e-5


def test_a_large_training_set_is_cut_to_a_random_subset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_probe, "MAX_COUNT", 100)
    train = samples(np.sort(even(800)), 0)  # sorted, so that the first 100 are of one class
    assert (_probe.fit(train.values.astype(float), train.labels).predict(CENTRES) == np.arange(4)).all()


def test_missing_classes_are_reported() -> None:
    real, train = samples(even(400), 1), samples(even(800), 2)
    fake = samples(np.repeat([0, 1, 2, 3], [200, 190, 9, 1]), 3)
    found = classes.METRIC.measure(Compared(fake, real, train))
    assert found.keys() == classes.METRIC.values.keys()
    assert found["probe accuracy"] == 1
    assert found["classes found"] == 2
    p, q = np.array([200.5, 190.5, 9.5, 1.5]) / 402, 0.25
    assert found["class kl"] == pytest.approx((p * np.log(p / q)).sum())
    assert found["class entropy share"] == pytest.approx(found["class entropy"] / np.log(4))


def test_a_class_is_found_from_a_tenth_of_its_real_share() -> None:
    real = np.array([500, 400, 100, 0])
    assert classes.classes_found(np.array([890, 100, 10, 0]), real) == 3
    assert classes.classes_found(np.array([891, 100, 9, 0]), real) == 2
    assert classes.classes_found(np.array([0, 0, 0, 1000]), real) == 0


def test_entropy_and_divergence_equal_their_closed_forms() -> None:
    assert classes.entropy(np.array([5, 5, 5, 5, 0])) == pytest.approx(np.log(4))
    assert classes.entropy(np.array([7, 0])) == 0
    assert classes.kl(np.array([3, 4]), np.array([3, 4])) == 0
    assert classes.kl(np.array([10**9, 0]), np.array([10**9, 10**9])) == pytest.approx(np.log(2), abs=1e-6)
    assert np.isfinite(classes.kl(np.array([5, 5]), np.array([10, 0])))


def test_agreement_is_the_share_of_fakes_of_the_requested_class() -> None:
    train, fake = samples(even(800), 2), samples(even(400), 3)
    requested = np.where(np.arange(400) < 100, (even(400) + 1) % 4, even(400))
    found = agreement.METRIC.measure(Compared(Samples(fake.values, requested), train, train))
    assert found == {"agreement": 0.75}


def test_the_class_distance_is_the_frechet_distance_of_its_samples() -> None:
    fake, real = samples(even(203), 3), samples(even(400), 1)
    found = class_distance.METRIC.measure(Compared(fake, real))
    each = [frechet(fake.values[even(203) == c], real.values[even(400) == c]) for c in range(4)]
    assert found == pytest.approx({"class fd mean": np.mean(each), "class fd worst": max(each)}, rel=1e-12)


def test_an_error_names_a_class_of_too_few_samples() -> None:
    real = samples(even(400), 1)
    with pytest.raises(TooFewError, match="Class 2 has 6 fakes and 100 real samples"):
        class_distance.class_distances(samples(np.repeat([0, 1, 2, 3], [50, 50, 6, 50]), 3), real)
    with pytest.raises(TooFewError, match="Class 3 has 50 fakes and 0 real samples"):
        class_distance.class_distances(samples(even(200), 3), samples(np.arange(300) % 3, 1))


def test_missing_labels_and_single_classes_are_refused() -> None:
    train, single = samples(even(80), 2), samples(np.zeros(80, np.int64), 3)
    unlabelled = Samples(train.values)
    for metric, compared in (
        (classes.METRIC, Compared(unlabelled, unlabelled, train)),
        (classes.METRIC, Compared(unlabelled, train, unlabelled)),
        (agreement.METRIC, Compared(unlabelled, train, train)),
        (class_distance.METRIC, Compared(unlabelled, train)),
    ):
        with pytest.raises(UserError, match="need labels: 80 classes"):
            metric.measure(compared)
    with pytest.raises(UserError, match="All training samples are of one class"):
        classes.METRIC.measure(Compared(unlabelled, train, single))
    with pytest.raises(UserError, match="real samples are all of one class"):
        classes.METRIC.measure(Compared(unlabelled, single, train))
    with pytest.raises(UserError, match="Training samples are required"):
        classes.METRIC.measure(Compared(unlabelled, train))
    with pytest.raises(UserError, match="cannot be compared"):
        agreement.agreement(even(4), even(5))
    with pytest.raises(UserError, match="no samples"):
        classes.entropy(np.zeros(3))
