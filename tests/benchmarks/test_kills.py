"""Runs that are killed and resumed equal uninterrupted runs bit for bit; benchmarks/kills.py tests more recipes."""

from pathlib import Path

import pytest

import kills

SHORT = {
    "ring": ["--examples", "7680", "--log-every", "256", "--sample-every", "2560"],
    "dcgan": ["--examples", "1920", "--log-every", "64", "--sample-every", "640"],
}


@pytest.mark.parametrize("recipe", SHORT)
def test_a_run_killed_twice_equals_an_uninterrupted_one(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kills.RUNS, recipe, SHORT[recipe])
    assert kills.compare(recipe, 2, 0, tmp_path) == []
