"""Two processes under torchrun equal one process on the same global batch, whatever is computed of it."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.ranks_program import KINDS

PROGRAM = Path(__file__).with_name("ranks_program.py")
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the results of one process and of two processes."""
    folder = tmp_path_factory.mktemp("ranks")
    subprocess.run([sys.executable, PROGRAM, folder], check=True, timeout=120)
    subprocess.run([*TORCHRUN, PROGRAM, folder], check=True, timeout=120, capture_output=True)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_equal_one(kind: str, saved: Path) -> None:
    one = torch.load(saved / f"{kind}-1-0.pt")
    for rank in range(2):
        two = torch.load(saved / f"{kind}-2-{rank}.pt")
        assert two.keys() == one.keys()
        for name, value in one.items():
            bound = 1e-10 if name.startswith("gradient") else 1e-8
            assert (two[name].double() - value.double()).abs().max() <= bound, name
    moved = max(value.abs().max() for name, value in one.items() if name.startswith("gradient"))
    assert moved > 1e-3  # training changed something
    assert kind != "ada" or one["game.probability"] != 0.5


def test_three_processes_gather_values_in_rank_order() -> None:
    command = [*TORCHRUN[:-1], "3", PROGRAM.with_name("gathered_program.py")]
    done = subprocess.run(command, timeout=120, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
