"""Tests of the metrics of time series on real data, noise, and shuffled series."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Metric, Samples, TooFewError
from ganwright.data import _find
from ganwright.domains._autocorrelation import functions, mean_function
from ganwright.metrics import (
    autocorrelation,
    category_shares,
    discriminative,
    lengths,
    predictive,
    series_marginals,
    static_features,
)


def sines(count: int, seed: int) -> np.ndarray:
    """Two sines per window, the second a quarter period behind: float32 [count, 10, 2]."""
    g = np.random.default_rng(seed)
    phase, rate = g.uniform(0, 2 * np.pi, (count, 1)), g.uniform(0.6, 1.2, (count, 1))
    angle = phase + rate * np.arange(10)
    return np.stack([np.sin(angle), 5 + 3 * np.cos(angle)], axis=2).astype(np.float32)


REAL = sines(300, 0)


COLUMNS = (Column("x"), Column("phase", ("first", "second")), Column("kind", ("a", "b")), Column("level"))


def mixed(count: int, seed: int, shortest: int = 4, second: float = 0.5) -> np.ndarray:
    """Series of 4 to 10 steps: a sine, which half of the time it is, and two static columns: [count, 10, 4]."""
    g = np.random.default_rng(seed)
    kind, level = g.integers(2, size=(count, 1)), g.normal(size=(count, 1))
    sine = sines(count, seed)[..., 0] * (1 + kind) + level
    phase = g.random((count, 10)) < second
    constant = (np.broadcast_to(one, sine.shape) for one in (kind, level))
    series = np.stack([sine, phase, *constant], axis=2).astype(np.float32)
    series[np.arange(10) >= g.integers(shortest, 11, size=(count, 1))] = np.nan
    return series


MIXED = mixed(300, 0)


def measured(metric: Metric, fake: np.ndarray, real: np.ndarray = MIXED) -> dict[str, float]:
    fakes, reals = (Samples(values, columns=COLUMNS, static=2) for values in (fake, real))
    assert metric.unfit(reals) == ""
    return dict(metric.measure(Compared(fakes, reals)))


def discriminative_score(fake: np.ndarray, real: np.ndarray = REAL) -> float:
    return discriminative.METRIC.measure(Compared(Samples(fake), Samples(real)))["discriminative_score"]


def predictive_score(fake: np.ndarray, real: np.ndarray = REAL) -> float:
    return predictive.METRIC.measure(Compared(Samples(fake), Samples(real)))["predictive_score"]


@pytest.fixture
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discriminative, "STEPS", 60)
    monkeypatch.setattr(predictive, "STEPS", 60)


@pytest.mark.usefixtures("_few_steps")
def test_a_set_cannot_be_separated_from_itself() -> None:
    assert discriminative_score(REAL) == 0


@pytest.mark.usefixtures("_few_steps")
def test_noise_is_separated_from_series() -> None:
    noise = np.random.default_rng(1).permuted(REAL, axis=1)
    assert discriminative_score(noise) > 0.35


def test_shuffled_windows_give_a_higher_prediction_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictive, "STEPS", 200)
    other, shuffled = sines(300, 1), np.random.default_rng(1).permuted(REAL, axis=1)
    assert predictive_score(shuffled) > 2 * predictive_score(other)


@pytest.mark.usefixtures("_few_steps")
def test_the_score_is_scale_invariant_and_leaves_the_random_state() -> None:
    before = torch.random.get_rng_state()
    other = sines(300, 1)
    one, two = predictive_score(other), predictive_score(other * 1024, REAL * 1024)
    assert one == pytest.approx(two, rel=1e-4)
    assert predictive_score(other) == one
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.usefixtures("_few_steps")
def test_a_single_feature_is_predicted_from_itself() -> None:
    assert 0 < predictive_score(sines(120, 1)[..., :1], REAL[..., :1]) < 0.5


@pytest.mark.parametrize("measure", [discriminative_score, predictive_score])
def test_too_few_and_diverged_windows_are_refused(measure) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(
        TooFewError, match="100 series of each kind are needed, not 99 generated and 300 real ones: judge more"
    ):
        measure(REAL[:99])
    with pytest.raises(UserError, match="diverged"):
        measure(np.where(REAL > 7.9, np.nan, REAL))


def test_the_error_on_stock_prices_is_near_the_published_one(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictive, "STEPS", 150)
    stock = _find.load(str(real_data / "series" / "stock_data.csv"), window=24).samples
    order = np.random.default_rng(0).permutation(len(stock))
    assert (
        0.03 < predictive_score(stock[order[:1000]], stock[order[1000:]]) < 0.05
    )  # 0.037 with all steps, on all windows


def test_networks_read_series_of_several_lengths_with_categories_and_static_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discriminative, "STEPS", 30)
    monkeypatch.setattr(predictive, "STEPS", 5)
    assert measured(discriminative.METRIC, MIXED) == {"discriminative_score": 0}
    swapped = MIXED.copy()
    swapped[..., 2] = 1 - swapped[..., 2]  # the kind no longer goes with the amplitude
    swapped[np.isnan(MIXED)] = np.nan
    assert 0 <= measured(predictive.METRIC, swapped)["predictive_score"] < 1
    without_end = np.where(np.isnan(MIXED), 0.0, MIXED).astype(np.float32)
    assert measured(discriminative.METRIC, without_end)["discriminative_score"] > 0.35


def test_what_follows_the_end_of_a_series_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter arrays of the same series have the same score."""
    monkeypatch.setattr(predictive, "STEPS", 10)
    short = mixed(120, 1)[:, :6], MIXED[:, :6]
    longer = [np.concatenate([one, np.full((len(one), 4, 4), np.nan, np.float32)], axis=1) for one in short]
    assert measured(predictive.METRIC, *short) == pytest.approx(measured(predictive.METRIC, *longer), rel=1e-3)
    for metric in (autocorrelation, series_marginals, lengths, static_features, category_shares):
        assert measured(metric.METRIC, *short).keys() == measured(metric.METRIC, *longer).keys()
    assert measured(lengths.METRIC, *short) == measured(lengths.METRIC, *longer)


@pytest.mark.parametrize("metric", [autocorrelation, series_marginals, lengths, static_features, category_shares])
def test_distances_of_a_set_to_itself_are_0_and_to_another_of_its_law_small(metric) -> None:  # type: ignore[no-untyped-def]
    assert set(measured(metric.METRIC, MIXED).values()) == {0.0}
    assert max(measured(metric.METRIC, mixed(300, 1)).values()) < 0.12


def test_each_distance_shows_its_own_fault() -> None:
    g = np.random.default_rng(2)
    other = mixed(300, 1)
    noise = other + np.float32(0.8) * g.standard_normal((300, 10, 1)).astype(np.float32) * [1, 0, 0, 0]
    assert measured(autocorrelation.METRIC, noise)["autocorrelation"] > 0.1
    assert measured(series_marginals.METRIC, other * np.float32([2, 1, 1, 1]))["ks_values"] > 0.1
    assert measured(series_marginals.METRIC, noise)["ks_increments"] > 0.1
    assert measured(lengths.METRIC, mixed(300, 1, shortest=10))["ks_lengths"] == pytest.approx(6 / 7, abs=0.05)
    rare = measured(category_shares.METRIC, mixed(300, 1, second=0.2))
    assert rare["category_shares"] == pytest.approx(0.3, abs=0.03)
    assert rare["category_transitions"] == pytest.approx(0.64 - 0.25, abs=0.04)
    other[..., 2] = np.where(np.isnan(other[..., 2]), np.nan, 0)
    static = measured(static_features.METRIC, other)
    assert static["worst_static_feature"] == pytest.approx(0.5, abs=0.06)
    assert static["static_features"] < static["worst_static_feature"]


def test_autocorrelations_are_those_of_the_sums() -> None:
    series = np.random.default_rng(0).standard_normal((3, 9)).cumsum(axis=1)
    centred = series - series.mean(axis=1, keepdims=True)
    for lag in (1, 2, 4):
        expected = (centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / (centred**2).sum(axis=1)
        assert functions(series, 4)[:, lag - 1] == pytest.approx(expected)
    assert functions(np.full((1, 9), 0.1), 4).tolist() == [[0] * 4]  # constant


def test_white_noise_and_an_alternating_series_have_known_autocorrelations() -> None:
    noise = np.random.default_rng(0).standard_normal((2000, 40))
    assert np.abs(mean_function(noise, 20) + 1 / 40).max() < 0.02  # bias of the own mean: about -1/n
    alternating = np.tile([1.0, -1.0], (100, 20))
    assert mean_function(alternating, 2) == pytest.approx([-39 / 40, 38 / 40])


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        (lengths, "all real series have the same length"),
        (static_features, "no feature is static"),
        (category_shares, "no feature is categorical"),
    ],
)
def test_what_does_not_apply_to_plain_windows_says_why(metric, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert metric.METRIC.unfit(Samples(REAL)) == reason
    assert autocorrelation.METRIC.unfit(Samples(REAL)) == ""
    only = Samples(MIXED[..., 1:2], columns=COLUMNS[1:2])
    assert predictive.METRIC.unfit(only) == "no feature is numerical"


def test_nan_before_the_end_of_a_series_is_refused() -> None:
    for place in ((0, 0), (0, 1), (0, 2, 1)):
        broken = MIXED.copy()
        broken[place] = np.nan
        with pytest.raises(UserError, match="diverged"):
            measured(lengths.METRIC, broken)
