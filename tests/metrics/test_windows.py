"""Tests of the metrics of time series on real data, noise, and shuffled series."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.data import _find
from ganwright.metrics import discriminative, predictive


def sines(count: int, seed: int) -> np.ndarray:
    """Two sines per window, the second a quarter period behind: float32 [count, 10, 2]."""
    g = np.random.default_rng(seed)
    phase, rate = g.uniform(0, 2 * np.pi, (count, 1)), g.uniform(0.6, 1.2, (count, 1))
    angle = phase + rate * np.arange(10)
    return np.stack([np.sin(angle), 5 + 3 * np.cos(angle)], axis=2).astype(np.float32)


REAL = sines(300, 0)


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
    with pytest.raises(TooFewError, match="100 windows are needed, not 99 fakes and 300 real"):
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
