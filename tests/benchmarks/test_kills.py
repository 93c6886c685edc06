"""Runs that are killed and resumed equal uninterrupted runs bit for bit; benchmarks/kills.py tests more recipes."""

from pathlib import Path

import pytest

import kills


@pytest.mark.parametrize("recipe", ["ring", "dcgan"])
def test_a_run_killed_twice_equals_an_uninterrupted_one(recipe: str, tmp_path: Path) -> None:
    assert kills.compare(recipe, 2, 0, tmp_path) == []
