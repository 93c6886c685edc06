"""Metrics of sound: features, inception score and agreement by a classifier."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples
from ganwright.data import drums
from ganwright.features import mel64
from ganwright.judging.views import ViewedSamples, Views, default_features
from ganwright.metrics import _sound_classifier, classifier_agreement
from ganwright.metrics import inception_score as module
from ganwright.metrics.frechet import frechet
from ganwright.metrics.inception_score import inception_score


def spectrograms(part: str, count: int = 300) -> Samples:
    data = drums.load(part, count=count, length=1_024)  # type: ignore[arg-type]
    return data.domain.viewed("spectrograms", data.samples, data.labels)


TRAIN, REAL = spectrograms("train"), spectrograms("test")


def test_features_are_means_and_deviations_over_time() -> None:
    values = np.random.default_rng(0).normal(-40, 9, (3, 64, 7)).astype(np.float32)
    features = mel64.load()(values)
    assert features.shape == (3, mel64.load().size)
    assert features[1, 5] == pytest.approx((values[1, 5].mean() + 40) / 20, abs=1e-5)
    assert features[2, 64 + 9] == pytest.approx(values[2, 9].std() / 20, rel=1e-4)
    with pytest.raises(UserError, match="mel64 are those of sound, spectrograms"):
        mel64.load()(np.zeros((2, 8, 8, 1), np.uint8))


def test_the_frechet_distance_of_other_sounds_is_larger() -> None:
    features = mel64.load()
    one, other = features(TRAIN.values), features(REAL.values)
    kicks = other[REAL.labels == 0]
    assert 20 * frechet(one, other) < frechet(np.concatenate([kicks, kicks]), one)


def test_the_inception_score_is_1_for_one_class_and_the_number_of_classes_at_best() -> None:
    assert inception_score(np.eye(4)) == pytest.approx(4)
    assert inception_score(np.eye(4)[[0, 0, 0]]) == pytest.approx(1)
    assert inception_score(np.full((5, 4), 0.25)) == pytest.approx(1)
    assert inception_score(np.eye(4)[[0, 1]]) == pytest.approx(2)
    shares = np.array([0.5, 0.25, 0.25])
    entropy = -(shares * np.log(shares)).sum()
    assert inception_score(np.eye(3)[[0, 0, 1, 2]]) == pytest.approx(np.exp(entropy))
    with pytest.raises(UserError, match="finite class probabilities"):
        inception_score(np.full((2, 2), np.nan))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sound_classifier, "STEPS", 40)


def test_real_clips_have_a_high_score_and_agree_with_their_classes(short: None) -> None:
    real = dict(module.METRIC.measure(Compared(REAL, REAL, TRAIN)))
    assert real["classifier accuracy"] > 0.95
    assert real["inception score"] > 3.5
    shuffled = Samples(REAL.values, (REAL.labels + 1) % 4)
    assert classifier_agreement.METRIC.measure(Compared(REAL, REAL, TRAIN))["classifier agreement"] > 0.95
    assert classifier_agreement.METRIC.measure(Compared(shuffled, REAL, TRAIN))["classifier agreement"] < 0.05
    snares = Samples(REAL.values[REAL.labels == 1], REAL.labels[REAL.labels == 1])
    assert module.METRIC.measure(Compared(snares, REAL, TRAIN))["inception score"] < 1.3


def test_a_classifier_needs_two_classes() -> None:
    one = Samples(TRAIN.values[:20], np.zeros(20, np.int64))
    with pytest.raises(UserError, match="of one class: a classifier needs at least two"):
        module.METRIC.measure(Compared(REAL, REAL, one))


def test_a_card_of_sound_has_the_features_of_its_domain() -> None:
    data = drums.load(count=4, length=300)
    views = Views(data.domain, default_features(data.domain, None))
    assert views.protocol["name"] == "mel64"
    seen = ViewedSamples(views, data.samples, data.labels)
    assert seen("features").values.shape == (4, 128)
    assert seen("spectrograms").values.shape == (4, 64, 2)
    with pytest.raises(UserError, match="features are those of pictures, not of spectrograms"):
        default_features(data.domain, "grey28")(seen("spectrograms").values)  # type: ignore[misc]
