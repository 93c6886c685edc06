"""A judgement: metrics bound to real data, their baselines, and the card."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from conftest import pictures, points
from ganwright.core.discovery import load_module
from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Metric, Need, TooFewError
from ganwright.judging.judgement import BoundMetric, judge
from ganwright.judging.real_data import RealData
from ganwright.judging.subjects import StoredSamples
from ganwright.judging.views import ViewedSamples, Views
from mean_features import MeanFeatures

VIEWS = Views(points().domain)
CLOUD = points(300).samples
REFERENCE, POOL = (ViewedSamples(VIEWS, part, real=True) for part in (CLOUD[:150], CLOUD[150:]))
REALS = RealData(REFERENCE, POOL, None, {"data": "cloud"})


class MeanDifference:
    """Measures the difference of the means, and records its inputs."""

    def __init__(self, *needs: Need, least: int = 0) -> None:
        self.seen: list[Compared] = []
        self.least = least
        self.metric = Metric("points", {"difference": "lower"}, self.measure, frozenset(needs))

    def measure(self, compared: Compared) -> Mapping[str, float]:
        if len(compared.fake) < self.least:
            raise TooFewError(f"{self.least} samples are needed.")
        self.seen.append(compared)
        return {"difference": float(compared.fake.values.mean() - compared.real.values.mean())}


def bound(metric: Metric, reals: RealData = REALS, views: Views = VIEWS) -> BoundMetric:
    return BoundMetric("sliced-points", metric, reals, views)


def test_fid_is_the_name_of_inceptions_distance_alone() -> None:
    def named(network: str, value: str) -> str:
        metric = load_module("metrics", "frechet").METRIC
        return bound(metric, views=Views(pictures().domain, MeanFeatures(network))).named(value, 10_000)

    assert named("inception", "fd") == "fid_10k"
    assert named("grey28", "fd") == "fd_grey28_10k"
    assert named("inception", "kd") == "kd_inception_10k"
    assert bound(MeanDifference().metric).named("high quality", 150) == "high_quality_150"


def test_a_metric_of_another_view_is_hindered() -> None:
    grey = ViewedSamples(Views(pictures().domain), pictures().samples)
    reason = bound(MeanDifference().metric, RealData(grey, grey, None, {}), grey.views).hindrance(grey)
    assert reason == "it compares points, and these are pictures of 8x8, grey"


@pytest.mark.parametrize(
    ("need", "lacking"),
    [
        ("labels", "it needs labelled real data"),
        ("conditions", "it needs samples with their conditions"),
        ("train", "it needs a test part held out from training"),
        ("pairs", "it needs pairs (--pairs)"),
    ],
)
def test_a_metric_is_hindered_by_what_it_lacks(need: Need, lacking: str) -> None:
    metric = MeanDifference(need).metric
    assert bound(metric).hindrance(POOL) == lacking
    labelled = ViewedSamples(VIEWS, CLOUD, np.zeros(300, dtype=np.int64))
    complete = bound(metric, RealData(labelled, labelled, labelled, {}))
    assert complete.hindrance(labelled) == (lacking if need == "pairs" else "")


def test_training_samples_are_passed_to_metrics_that_need_them_alone() -> None:
    reals = replace(REALS, train=POOL)
    plain, needing = MeanDifference(), MeanDifference("train")
    for one in (plain, needing):
        bound(one.metric, reals).measure(REFERENCE)
    assert plain.seen[0].train is None
    assert needing.seen[0].train is POOL("points")


def test_a_baseline_is_measured_once() -> None:
    one = MeanDifference()
    sets = list(REALS.baselines(50, 3))
    first, again = bound(one.metric).baseline(sets), bound(one.metric).baseline(sets)
    assert first == again
    assert len(one.seen) == 3
    assert first == [{"difference": set_.stored.mean() - REFERENCE.stored.mean()} for set_ in sets]


def test_a_baseline_on_other_real_data_is_measured_anew() -> None:
    one, sets = MeanDifference(), list(REALS.baselines(50, 1))
    bound(one.metric).baseline(sets)
    bound(one.metric, replace(REALS, reference=ViewedSamples(VIEWS, CLOUD[:149]))).baseline(sets)
    bound(one.metric).baseline(list(REALS.baselines(49, 1)))
    assert len(one.seen) == 3


def test_the_baseline_beside_training_samples_compares_halves_of_the_reference() -> None:
    one, reals = MeanDifference("train"), replace(REALS, train=POOL)
    first, second = reals.held_out
    values = bound(one.metric, reals).baseline(reals.held_out)
    assert [(seen.fake.values.tolist(), seen.real.values.tolist()) for seen in one.seen] == [
        (first.stored.tolist(), second.stored.tolist()),
        (second.stored.tolist(), first.stored.tolist()),
    ]
    assert values[0]["difference"] == pytest.approx(-values[1]["difference"])


def test_too_few_real_samples_have_no_baseline() -> None:
    assert bound(MeanDifference(least=60).metric).baseline(list(REALS.baselines(50, 3))) == []


def card_of(stored: np.ndarray, *requested: str, n: int = 150, repetitions: int = 3, reals: RealData = REALS):  # type: ignore[no-untyped-def]
    subject = StoredSamples("mine", stored)
    return judge(subject, subject.whole(VIEWS, n), reals, VIEWS, requested, repetitions)


def test_the_reference_itself_has_no_distance_and_shifted_samples_exceed_the_baseline() -> None:
    same, shifted = (card_of(stored, "sliced-points").values[0] for stored in (CLOUD[:150], CLOUD[:150] + 3))
    assert same.name == "sliced_w1_150"
    assert same.samples is not None
    assert shifted.samples is not None
    assert same.baseline == shifted.baseline
    assert same.baseline is not None
    assert same.samples.value == pytest.approx(0, abs=1e-9)
    assert 0 < same.baseline.value < 0.5 < shifted.samples.value


def test_the_card_records_its_protocol() -> None:
    card = card_of(CLOUD, "sliced-points", n=100, repetitions=2)
    assert card.subject == "mine"
    assert card.protocol == {
        "samples": 100,
        "repetitions": 2,
        "metrics": ["sliced-points"],
        "uncertainty": "standard error over disjoint parts of the samples",
        "data": "cloud",
        "baseline samples": [100],
        "features": {},
    }
    assert card.values[0].samples is not None
    assert card.values[0].samples.repetitions == 2


def test_a_smaller_baseline_is_noted() -> None:
    small = RealData(REFERENCE, POOL.rows(np.arange(20)), None, {})
    (score,) = card_of(CLOUD, "sliced-points", reals=small).values
    assert score.note == "real data: 20 samples"
    assert (score.baseline and score.baseline.repetitions) == 1


def test_a_requested_metric_that_does_not_apply_is_an_error() -> None:
    with pytest.raises(UserError, match="--metric frechet cannot be measured here: it compares features"):
        card_of(CLOUD, "sliced-points", "frechet")


def score_of(one: MeanDifference, monkeypatch: pytest.MonkeyPatch, n: int, repetitions: int = 3):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(load_module("metrics", "sliced-points"), "METRIC", one.metric)
    (score,) = card_of(CLOUD, "sliced-points", n=n, repetitions=repetitions).values
    return score


def test_too_few_samples_are_noted_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    score = score_of(MeanDifference(least=60), monkeypatch, n=50)
    assert (score.samples, score.baseline, score.note) == (None, None, "60 samples are needed.")


def test_parts_that_are_too_small_leave_a_value_without_uncertainty(monkeypatch: pytest.MonkeyPatch) -> None:
    score = score_of(MeanDifference(least=60), monkeypatch, n=150)
    assert score.samples.deviation is None
    assert score.baseline.repetitions == 1


def test_by_default_metrics_without_their_data_are_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganwright.judging.judgement.names", lambda package: ["frechet", "modes", "sliced-points"])
    card = card_of(CLOUD)
    assert [score.name for score in card.values] == ["sliced_w1_150"]
    assert card.protocol["left out"] == {"modes": "it needs labelled real data"}
