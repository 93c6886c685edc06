"""Runs killed with SIGKILL and resumed are equal bit for bit to unbroken ones; see benchmarks/kills.py for more."""

from pathlib import Path

import pytest

import kills


@pytest.mark.parametrize("recipe", ["ring", "dcgan"])
def test_killed_twice_and_resumed(recipe: str, tmp_path: Path) -> None:
    assert kills.tried(recipe, 2, 0, tmp_path) == []
