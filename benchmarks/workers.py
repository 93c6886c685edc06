"""Kills workers under torchrun with SIGKILL, and trains on two nodes simulated by two torchrun on this machine.

python benchmarks/workers.py [--kills 4]      exit code 1 if a run does not finish

torchrun restarts all workers when one dies; they resume from the last checkpoint, which is written after every step.
The two workers are killed in turn. Linux only: workers are found in /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]
TRAIN = ["-m", "ganwright", "train", "vanilla", "--data", "digits", "--checkpoint-seconds", "0", "--quiet"]
INTERVAL = 1024  # examples between two kills


def train_with_kills(kills: int, out: Path) -> bool:
    """Whether a run of two workers finishes although `kills` workers are killed."""
    examples = INTERVAL * (kills + 1)
    group = ["--standalone", "--nproc-per-node", "2", "--max-restarts", str(kills), "--monitor-interval", "0.1"]
    command = [*TORCHRUN, *group, *TRAIN, "--examples", str(examples), "--log-every", "64", "--out", str(out)]
    start = time.monotonic()
    agent = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for index in range(kills):
        while agent.poll() is None and last_logged(out) < INTERVAL * (index + 1):
            time.sleep(0.01)
        worker = workers(agent.pid).get(index % 2)
        if worker is None:
            break
        before, moment = last_logged(out), time.monotonic()
        os.kill(worker, signal.SIGKILL)
        while agent.poll() is None and last_logged(out) <= before:
            time.sleep(0.01)
        resumed = f"the log continues {time.monotonic() - moment:.1f} s later at {last_logged(out)}"
        print(f"worker {index % 2} killed at {before} examples; {resumed}", flush=True)
    finished = agent.wait() == 0 and examples == last_logged(out) and complete(out)
    print(f"{kills} kills: {'finished' if finished else 'FAILED'}, {time.monotonic() - start:.0f} s", flush=True)
    return finished


def workers(agent: int) -> dict[int, int]:
    """Process ids by rank."""
    by_rank: dict[int, int] = {}
    for child in Path(f"/proc/{agent}/task/{agent}/children").read_text().split():
        variables = Path(f"/proc/{child}/environ").read_text().split("\0")
        by_rank |= {int(entry.removeprefix("RANK=")): int(child) for entry in variables if entry.startswith("RANK=")}
    return by_rank


def logged(out: Path) -> list[int]:
    """The number of examples in each log line."""
    try:
        lines = (out / "log.jsonl").read_text().split("\n")[:-1]
        return [json.loads(line)["examples"] for line in lines]
    except (OSError, ValueError):
        return []


def last_logged(out: Path) -> int:
    return max(logged(out), default=0)


def complete(out: Path) -> bool:
    """Whether the log holds every line exactly once, as that of an uninterrupted run."""
    return logged(out) == list(range(64, last_logged(out) + 1, 64))


def two_nodes(out: Path) -> bool:
    """Whether two torchrun that rendezvous at a port train together."""
    rendezvous = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:29517", "--rdzv-id", "nodes"]
    command = [*TORCHRUN, "--nnodes", "2", "--nproc-per-node", "1", *rendezvous, *TRAIN, "--examples", "1280"]
    command += ["--log-every", "64", "--out", str(out)]
    nodes = [subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for _ in range(2)]
    together = all(node.wait() == 0 for node in nodes) and last_logged(out) == 1280 and complete(out)
    print(f"two nodes on one machine: {'trained together' if together else 'FAILED'}", flush=True)
    return together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        succeeded = [train_with_kills(arguments.kills, Path(folder) / "killed"), two_nodes(Path(folder) / "nodes")]
    sys.exit(not all(succeeded))


if __name__ == "__main__":
    main()
