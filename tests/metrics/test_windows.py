"""The metrics of time series: what they say of real data, of noise, and of series out of their order."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.data import _find
from ganwright.metrics import discriminative, predictive


def sines(count: int, seed: int) -> np.ndarray:
    """Two sines a window, the second a quarter behind: float32 [count, 10, 2]."""
    g = np.random.default_rng(seed)
    phase, rate = g.uniform(0, 2 * np.pi, (count, 1)), g.uniform(0.6, 1.2, (count, 1))
    angle = phase + rate * np.arange(10)
    return np.stack([np.sin(angle), 5 + 3 * np.cos(angle)], axis=2).astype(np.float32)


REAL = sines(300, 0)


def told_apart(fake: np.ndarray, real: np.ndarray = REAL) -> float:
    return discriminative.METRIC.measure(Compared(Samples(fake), Samples(real)))["discriminative_score"]


def foretold(fake: np.ndarray, real: np.ndarray = REAL) -> float:
    return predictive.METRIC.measure(Compared(Samples(fake), Samples(real)))["predictive_score"]


@pytest.fixture
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discriminative, "STEPS", 60)
    monkeypatch.setattr(predictive, "STEPS", 60)


@pytest.mark.usefixtures("_few_steps")
def test_a_set_is_not_told_from_itself() -> None:
    assert told_apart(REAL) == 0


@pytest.mark.usefixtures("_few_steps")
def test_noise_is_told_from_series() -> None:
    noise = np.random.default_rng(1).permuted(REAL, axis=1)
    assert told_apart(noise) > 0.35


def test_shuffled_time_foretells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictive, "STEPS", 200)
    other, shuffled = sines(300, 1), np.random.default_rng(1).permuted(REAL, axis=1)
    assert foretold(shuffled) > 2 * foretold(other)


@pytest.mark.usefixtures("_few_steps")
def test_units_do_not_matter_and_no_random_state_is_touched() -> None:
    before = torch.random.get_rng_state()
    other = sines(300, 1)
    one, two = foretold(other), foretold(other * 1024, REAL * 1024)
    assert one == pytest.approx(two, rel=1e-4)
    assert foretold(other) == one
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.usefixtures("_few_steps")
def test_one_feature_foretells_itself() -> None:
    assert 0 < foretold(sines(120, 1)[..., :1], REAL[..., :1]) < 0.5


@pytest.mark.parametrize("measure", [told_apart, foretold])
def test_what_cannot_be_measured_is_said(measure) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooFewError, match="99 fakes and 300 real windows; 100"):
        measure(REAL[:99])
    with pytest.raises(UserError, match="diverged"):
        measure(np.where(REAL > 7.9, np.nan, REAL))


def test_prices_are_foretold_as_published(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictive, "STEPS", 150)
    stock = _find.load(str(real_data / "series" / "stock_data.csv"), window=24).samples
    order = np.random.default_rng(0).permutation(len(stock))
    assert 0.03 < foretold(stock[order[:1000]], stock[order[1000:]]) < 0.05  # 0.037 with all steps, on all windows
