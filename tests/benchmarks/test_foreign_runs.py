"""A thousand mutated run folders work or end with one sentence; nothing outside is touched, nothing huge is read."""

from collections import Counter
from pathlib import Path

import pytest

from faults import foreign_runs


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return foreign_runs.small_run(tmp_path_factory.mktemp("original"))


@pytest.mark.parametrize("seed", range(4))
def test_mutated_run_folders_work_or_end_with_one_sentence(seed: int, original: Path, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    assert list(foreign_runs.failures(original, tmp_path, 250, seed, outcomes)) == []
    assert outcomes["one sentence"] > 20
    assert outcomes["works"] > 20
