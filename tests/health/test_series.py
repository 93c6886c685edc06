"""Health checks of series: real held-out ones are healthy, planted faults are not."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from ganwright.core.column import Column
from ganwright.domains.series import Series
from ganwright.health.evidence import CHECKED, Evidence, Reference
from ganwright.health.traits import distances
from ganwright.health.verdict import HEALTHY, in_words, suspicion

STEPS = 24
STATES = ("rest", "walk", "run")


def sines(count: int, seed: int, steps: int = STEPS) -> np.ndarray:
    """Sine and cosine of random frequency and phase, a state that changes at times, a static level; 8 to 24 steps."""
    g = np.random.default_rng(seed)
    level = g.integers(2, size=(count, 1))
    angle = g.uniform(0, 2 * np.pi, (count, 1)) + g.uniform(0.1, 0.6, (count, 1)) * np.arange(steps)
    state = (g.integers(3, size=(count, 1)) + (np.arange(steps) >= g.integers(steps, size=(count, 1)))) % 3
    parts = np.sin(angle), 10 + 3 * np.cos(angle), state, np.broadcast_to(level, angle.shape)
    series = np.stack(parts, axis=2).astype(np.float32)
    series[np.arange(steps) >= g.integers(steps - 16, steps + 1, size=(count, 1))] = np.nan
    return series


def walks(count: int, seed: int, steps: int = STEPS) -> np.ndarray:
    """Windows of two correlated random walks."""
    g = np.random.default_rng(seed)
    changes = g.standard_normal((count, steps, 2))
    changes[..., 1] += changes[..., 0]
    return (changes.cumsum(axis=1) + 4 * g.standard_normal((count, 1, 2))).astype(np.float32)


def spanning(name: str, stored: np.ndarray) -> Column:
    return Column.spanning(name, stored[~np.isnan(stored)].astype(np.float64))


class Checked:
    """Real series of a law, and the evidence of a health check of others."""

    def __init__(self, law: Callable[..., np.ndarray], *more: Column) -> None:
        self.law = law
        real = law(1500, 1)
        numbers = tuple(spanning(name, real[..., place]) for place, name in enumerate("xy"))
        columns = (*numbers, *more)
        self.domain = Series(STEPS, columns[:3], columns[3:], variable=bool(np.isnan(real).any()))
        encoded = self.domain.encode(torch.from_numpy(real))
        self.reference = Reference.fitted(self.domain.compared(encoded).numpy(), 0)
        self.traits = {name: one.double().numpy() for name, one in self.domain.traits(encoded).items()}
        self.held_out = law(CHECKED, 2)

    def encoded(self, stored: np.ndarray) -> torch.Tensor:
        return self.domain.encode(torch.from_numpy(stored.astype(np.float32)))

    def evidence(self, encoded: torch.Tensor) -> Evidence:
        projected = self.reference.project(self.domain.compared(encoded).numpy())
        traits = {name: one.double().numpy() for name, one in self.domain.traits(encoded).items()}
        found = distances(traits, self.traits)
        worst = max(found, key=lambda name: found[name])
        missing, clusters = self.reference.missing(projected), len(self.reference.centres)
        diversity, distance = self.reference.diversity(projected), self.reference.distance(projected)
        return Evidence(1, True, clusters, missing, diversity, distance, distance, 0.7, 0.2, found[worst], worst)

    def verdict(self, stored: np.ndarray) -> str:
        return suspicion([self.evidence(self.encoded(stored))])


SINES = Checked(sines, Column("state", STATES), Column("level", ("low", "high")))
WALKS = Checked(walks)
LAWS = pytest.mark.parametrize("law", [SINES, WALKS], ids=["sines", "walks"])


def numbers(change: Callable[[np.ndarray], np.ndarray], stored: np.ndarray) -> np.ndarray:
    """The series with changed numbers."""
    return np.concatenate([change(stored[..., :2]), stored[..., 2:]], axis=2)


def rough(size: float) -> Callable[[np.ndarray], np.ndarray]:
    """Adds noise of so much of the mean standard deviation within a series."""

    def change(values: np.ndarray) -> np.ndarray:
        noise = np.random.default_rng(3).standard_normal(values.shape)
        return values + size * np.nanstd(values, axis=1).mean(axis=0) * noise

    return change


def smooth(values: np.ndarray) -> np.ndarray:
    """The mean of up to seven neighbours."""
    around = np.pad(values, ((0, 0), (3, 3), (0, 0)), constant_values=np.nan)
    near = np.stack([around[:, at : at + STEPS] for at in range(7)])
    return np.nansum(near, axis=0) / np.maximum((~np.isnan(near)).sum(axis=0), 1) + 0 * values


def shuffled(stored: np.ndarray) -> np.ndarray:
    """Every series with its own steps in random order."""
    g = np.random.default_rng(3)
    result = stored.copy()
    for series in result:
        last = int((~np.isnan(series[:, 0])).sum())
        series[:last] = series[g.permutation(last)]
    return result


@LAWS
def test_held_out_series_are_healthy(law: Checked) -> None:
    evidence = law.evidence(law.encoded(law.held_out))
    assert suspicion([evidence]) == HEALTHY
    assert evidence.traits < 0.12


@LAWS
@pytest.mark.parametrize(
    "fault",
    [
        lambda stored: numbers(rough(0.15), stored),
        lambda stored: numbers(smooth, stored),
        lambda stored: numbers(lambda values: values[:, :1] + 0 * values, stored),  # the same value at each step
        shuffled,
        lambda stored: np.repeat(stored[:1], len(stored), axis=0),
    ],
    ids=["rough", "smooth", "flat", "shuffled", "one window"],
)
def test_faults_that_a_person_sees_are_not_healthy(law: Checked, fault: Callable[[np.ndarray], np.ndarray]) -> None:
    assert law.verdict(fault(law.held_out)) != HEALTHY


@LAWS
def test_a_feature_that_lags_behind_the_other_is_not_healthy(law: Checked) -> None:
    longer = law.law(CHECKED, 2, STEPS + 3)
    stored = longer[:, 3:].copy()
    assert law.verdict(stored) == HEALTHY
    stored[..., 0] = longer[:, :-3, 0] + 0 * stored[..., 0]
    assert law.verdict(stored) != HEALTHY


def test_slight_noise_on_smooth_curves_is_not_healthy() -> None:
    evidence = SINES.evidence(SINES.encoded(numbers(rough(0.1), SINES.held_out)))
    assert suspicion([evidence]) != HEALTHY
    assert "the changes of x over time differ from real data's (Kolmogorov-Smirnov" in in_words("undecided", evidence)


def test_a_missing_category_is_not_healthy() -> None:
    stored = SINES.held_out.copy()
    stored[..., 2][stored[..., 2] == 2] = 0
    evidence = SINES.evidence(SINES.encoded(stored))
    assert (evidence.worst, evidence.traits) == ("the shares of time in the categories of state", 1.0)
    assert suspicion([evidence]) != HEALTHY


def test_categories_that_change_at_the_same_steps_are_not_healthy() -> None:
    stored = SINES.held_out.copy()
    together = np.random.default_rng(3).random(len(stored)) < 0.5
    stored[together, :, 2] = np.where(np.arange(STEPS) // 8 == 1, 2, 0) + 0 * stored[together, :, 2]
    evidence = SINES.evidence(SINES.encoded(stored))
    assert evidence.worst == "the categories of state at each step"
    assert suspicion([evidence]) != HEALTHY


def test_a_missing_static_category_is_not_healthy() -> None:
    stored = SINES.held_out.copy()
    stored[..., 3] *= 0
    evidence = SINES.evidence(SINES.encoded(stored))
    assert (evidence.worst, evidence.traits) == ("the values of level", 1.0)
    assert suspicion([evidence]) != HEALTHY


def test_lengths_that_are_all_maximal_are_not_healthy() -> None:
    encoded = SINES.encoded(SINES.held_out)
    place = sum(column.width for column in SINES.domain.features)
    encoded[..., place] = 1.0
    evidence = SINES.evidence(encoded)
    assert evidence.traits > 0.5
    assert suspicion([evidence]) != HEALTHY


def test_what_follows_the_end_and_soft_categories_do_not_count() -> None:
    encoded = SINES.encoded(SINES.held_out)
    ended, soft = encoded[..., 5:6] < 0.5, encoded.clone()
    soft = torch.where(ended & (torch.arange(8) < 5), torch.randn(encoded.shape), 0.7 * encoded + 0.1)
    soft[..., :2] = torch.where(ended, soft[..., :2], encoded[..., :2])
    assert torch.equal(SINES.domain.compared(soft), SINES.domain.compared(encoded))
    assert SINES.evidence(soft) == SINES.evidence(encoded)


def test_attributes_are_compared_once() -> None:
    assert SINES.domain.compared(SINES.encoded(SINES.held_out)).shape[1] == STEPS * (2 + 3 + 1) + 2


def test_a_trait_that_is_constant_among_real_samples_is_left_out() -> None:
    real = {"one": np.ones((50, 1)), "two": np.arange(50.0)[:, None]}
    fake = {"one": np.zeros((9, 1)), "two": np.arange(10.0)[:, None]}
    assert distances(fake, real) == {"one": 0.0, "two": pytest.approx(1 - 10 / 50)}


def test_differences_below_a_fiftieth_of_a_trait_do_not_count() -> None:
    real = np.random.default_rng(0).uniform(0.99, 1.01, (200, 1))
    assert distances({"": real + 0.015}, {"": real}) == {"": 0.0}
    assert distances({"": real - 0.1}, {"": real}) == {"": 1.0}
