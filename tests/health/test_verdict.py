"""Verdicts on constructed health checks."""

import re
from dataclasses import replace
from typing import Any

import pytest

from ganwright.config.recipe import find_recipe
from ganwright.health.evidence import Evidence
from ganwright.health.verdict import (
    COLLAPSE,
    DISCRIMINATOR,
    DIVERGED,
    GENERATOR,
    HEALTHY,
    PATIENCE,
    TRY,
    UNDECIDED,
    verdict,
)

HORIZON = 100_000
GOOD = Evidence(0, True, 10, 0, diversity=0.98, distance=0.01, shown=0.01, separation=0.8, movement=0.05)
FAULTS: list[tuple[str, dict[str, Any]]] = [
    (COLLAPSE, {"missing": 9, "diversity": 0.1, "distance": 0.4, "separation": 0.9}),
    (COLLAPSE, {"missing": 6, "diversity": 0.8, "distance": 0.3, "separation": 0.5}),  # trained on a subset
    (COLLAPSE, {"missing": 9, "diversity": 0.0, "distance": 0.9, "separation": 1.0, "movement": 0.3}),
    (DISCRIMINATOR, {"missing": 5, "diversity": 0.8, "distance": 0.8, "separation": 1.0, "movement": 0.001}),
    (DISCRIMINATOR, {"missing": 9, "diversity": 0.02, "distance": 0.6, "separation": 1.0, "movement": 0.0}),
    (GENERATOR, {"missing": 9, "diversity": 0.01, "distance": 1.2, "separation": 0.0}),
    (GENERATOR, {"missing": 2, "distance": 0.2, "shown": 0.2, "separation": 0.5}),
    (GENERATOR, {"missing": 6, "distance": 0.2, "shown": 0.2, "separation": 0.5}),
    (DIVERGED, {"missing": 9, "diversity": 90.0, "distance": 600.0, "separation": 0.9}),
]


def checks(count: int, first: int = 10_000, **figures: Any) -> list[Evidence]:
    return [replace(GOOD, examples=first + 1_000 * place, **figures) for place in range(count)]


@pytest.mark.parametrize(("name", "figures"), FAULTS)
def test_a_persistent_fault_is_named_with_its_evidence(name: str, figures: dict[str, Any]) -> None:
    found = verdict(checks(2 * PATIENCE, **figures), HORIZON)
    assert found.name == name
    assert found.alarming
    assert found.advice in str(found)
    assert "%" in found.evidence


@pytest.mark.parametrize(("name", "figures"), FAULTS)
def test_a_fault_is_not_named_in_the_warm_up_or_after_few_checks(name: str, figures: dict[str, Any]) -> None:
    assert verdict(checks(PATIENCE, **figures), HORIZON).name == UNDECIDED
    assert verdict(checks(2 * PATIENCE, first=-6_000, **figures), HORIZON).name == UNDECIDED


FALLING = [replace(GOOD, examples=10_000 + k, missing=3, distance=0.9 * 0.8**k, separation=0.55) for k in range(8)]


def test_improving_samples_are_undecided() -> None:
    assert verdict(FALLING, HORIZON).name == UNDECIDED


def test_samples_that_are_alike_must_also_become_more_diverse() -> None:
    growing = [replace(check, missing=9, diversity=0.1 + 0.03 * k) for k, check in enumerate(FALLING)]
    filling = [replace(check, missing=9 - k // 2, diversity=0.1) for k, check in enumerate(FALLING)]
    nearer = [replace(check, missing=9, diversity=0.1) for check in FALLING]
    assert verdict(growing, HORIZON).name == UNDECIDED
    assert verdict(filling, HORIZON).name == UNDECIDED
    assert verdict(nearer, HORIZON).name == COLLAPSE


def test_a_single_bad_check_is_not_an_alarm() -> None:
    bad = {"missing": 9, "diversity": 0.1, "distance": 0.4}
    assert verdict([*checks(6), *checks(1, 17_000, **bad)], HORIZON).name == UNDECIDED
    assert verdict([*checks(6, **bad), *checks(1, 17_000)], HORIZON).name == HEALTHY


def test_the_newest_check_must_agree_with_the_verdict() -> None:
    collapsed = {"missing": 9, "diversity": 0.1, "distance": 0.4, "separation": 0.9}
    fooled = {"missing": 2, "distance": 0.4, "separation": 0.0}
    assert verdict([*checks(6, **collapsed), *checks(1, 17_000, **fooled)], HORIZON).name == UNDECIDED
    assert verdict([*checks(6, **collapsed), *checks(2, 17_000, **fooled)], HORIZON).name == GENERATOR


def test_an_oscillating_separation_is_averaged() -> None:
    weak = {"missing": 3, "distance": 0.2, "shown": 0.2}
    oscillating = [replace(check, separation=0.3 + 0.45 * (k % 2)) for k, check in enumerate(checks(8, **weak))]
    assert verdict(oscillating, HORIZON).name == GENERATOR


def test_non_finite_numbers_are_reported_at_once() -> None:
    found = verdict([replace(GOOD, examples=1, finite=False)], HORIZON)
    assert found.name == DIVERGED
    assert "no longer finite" in found.evidence


@pytest.mark.parametrize("advice", TRY.values())
def test_every_option_of_the_advice_exists(advice: str) -> None:
    known = {option.flag for option in find_recipe("vanilla").options.values()}
    assert set(re.findall(r"--[a-z-]+", advice)) <= known


def test_without_checks_the_verdict_is_undecided() -> None:
    assert verdict([], HORIZON).name == UNDECIDED


def test_the_evidence_states_its_figures() -> None:
    found = verdict(checks(6, missing=9, diversity=0.12, distance=0.4), HORIZON)
    coverage, spread = found.evidence.split("; ")
    assert coverage == "9 of 10 clusters of the real data are not covered"
    assert spread == "the samples' mean pairwise distance is 12% of real data's"
    assert found.words == {"name": COLLAPSE, "evidence": found.evidence, "try": found.advice}


def test_full_coverage_is_stated() -> None:
    coverage = verdict(checks(1), HORIZON).evidence.split("; ")[0]
    assert coverage == "all 10 clusters of the real data are covered"
