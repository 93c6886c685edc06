"""A run that is killed and resumed equals an uninterrupted run bit for bit; benchmarks/kills.py tests more recipes."""

from pathlib import Path

import pytest

import kills

SHORT = ["--examples", "1920", "--log-every", "64", "--sample-every", "640"]


def test_a_run_killed_twice_equals_an_uninterrupted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kills.RUNS, "dcgan", SHORT)
    assert kills.compare("dcgan", 2, 0, tmp_path) == []
