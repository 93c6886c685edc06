"""The verbs under torchrun: several processes write what one writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).with_name("many_program.py")
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def test_two_processes_sample_and_judge_as_one(run_folder: Path, tmp_path: Path) -> None:
    cards = []
    for name, words in {"one": [sys.executable], "two": TORCHRUN}.items():
        (tmp_path / name).mkdir()
        command = [*words, PROGRAM, run_folder, tmp_path / name]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "GANWRIGHT_CACHE": str(tmp_path / name / "cache")}
        subprocess.run(command, check=True, timeout=120, env=environment, capture_output=True)
        cards.append(json.loads((tmp_path / name / "card.json").read_text()))
    assert np.array_equal(np.load(tmp_path / "one" / "samples.npy"), np.load(tmp_path / "two" / "samples.npy"))
    assert cards[0]["protocol"] == cards[1]["protocol"]
    for one, two in zip(cards[0]["values"], cards[1]["values"], strict=True):
        assert one["name"] == two["name"]
        for side in ("samples", "baseline"):
            assert one[side]["value"] == pytest.approx(two[side]["value"], rel=1e-6)
            assert one[side]["deviation"] == pytest.approx(two[side]["deviation"], rel=1e-4)
