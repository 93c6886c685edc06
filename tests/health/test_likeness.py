"""How far samples are from real ones, beside real samples' own distance, and how many of them are copies."""

import numpy as np
import pytest

from ganwright.health.likeness import Likeness, apart

REAL = np.random.default_rng(0).standard_normal((1_000, 8))
FITTED = Likeness.fitted(REAL)


def drawn(seed: int, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((256, 8)) + shift


def test_other_real_samples_are_as_far_as_real_ones_and_shifted_ones_further() -> None:
    multiples = [FITTED.multiple(drawn(1, shift)) for shift in (0, 0.5, 1, 2)]
    assert multiples[0] == pytest.approx(1, abs=0.3)
    assert multiples[1] > 3
    assert multiples == sorted(multiples)


def test_the_distance_of_two_distant_clouds_is_the_root_of_twice_theirs() -> None:
    far = drawn(1) + 1e4
    assert apart(far, drawn(2)) == pytest.approx(np.sqrt(2 * 1e4 * np.sqrt(8)), rel=1e-2)


def test_copies_are_counted_and_new_samples_are_none() -> None:
    mixed = np.concatenate([REAL[:64] + 1e-3, drawn(3)[:192]])
    assert FITTED.copies(drawn(3)) < 0.05
    assert FITTED.copies(mixed) == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("count", [2, 3, 40])
def test_few_and_equal_real_samples_give_finite_figures(count: int) -> None:
    for real in (REAL[:count], np.ones((count, 5))):
        fitted = Likeness.fitted(real)
        assert np.isfinite(fitted.multiple(real + 1))
        assert fitted.copies(real + 100) == 0


def test_copies_of_few_real_samples_cannot_be_told() -> None:
    few = REAL[:10]
    assert Likeness.fitted(few).copies(few) == 0


def test_copies_are_found_among_samples_that_occur_twice() -> None:
    twice = np.concatenate([REAL[:300], REAL[:300]])
    assert Likeness.fitted(twice).copies(REAL[:200]) == 1
    assert Likeness.fitted(twice).copies(drawn(3)) < 0.05
