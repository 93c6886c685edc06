"""Kills workers under torchrun with SIGKILL, and tries two nodes as two process groups on this machine.

python benchmarks/workers.py [--kills 4]      exit code 1 when a run does not reach its end

torchrun restarts all workers when one dies; they go on from the last checkpoint, one being written after every round.
The worker to be killed alternates. Linux only: workers are found in /proc.
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
ROUNDS = 1024  # images between two kills


def killed(kills: int, out: Path) -> bool:
    """Whether a run of two workers reaches its end with so many kills on its way."""
    examples = ROUNDS * (kills + 1)
    group = ["--standalone", "--nproc-per-node", "2", "--max-restarts", str(kills), "--monitor-interval", "0.1"]
    command = [*TORCHRUN, *group, *TRAIN, "--examples", str(examples), "--log-every", "64", "--out", str(out)]
    began = time.monotonic()
    agent = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for place in range(kills):
        while agent.poll() is None and seen(out) < ROUNDS * (place + 1):
            time.sleep(0.01)
        worker = workers(agent.pid).get(place % 2)
        if worker is None:
            break
        before, moment = seen(out), time.monotonic()
        os.kill(worker, signal.SIGKILL)
        while agent.poll() is None and seen(out) <= before:
            time.sleep(0.01)
        went_on = f"{time.monotonic() - moment:.1f} s later the log goes on at {seen(out)}"
        print(f"worker {place % 2} killed at {before} images; {went_on}", flush=True)
    finished = agent.wait() == 0 and examples == seen(out) and whole(out)
    print(f"{kills} kills: {'reached its end' if finished else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
    return finished


def workers(agent: int) -> dict[int, int]:
    """Process ids by rank."""
    found = {}
    for child in Path(f"/proc/{agent}/task/{agent}/children").read_text().split():
        words = Path(f"/proc/{child}/environ").read_text().split("\0")
        found |= {int(word.removeprefix("RANK=")): int(child) for word in words if word.startswith("RANK=")}
    return found


def reported(out: Path) -> list[int]:
    """The images of the log's lines."""
    try:
        lines = (out / "log.jsonl").read_text().split("\n")[:-1]
        return [json.loads(line)["examples"] for line in lines]
    except (OSError, ValueError):
        return []


def seen(out: Path) -> int:
    return max(reported(out), default=0)


def whole(out: Path) -> bool:
    """Whether the log has every line once, as an unbroken run's."""
    return reported(out) == list(range(64, seen(out) + 1, 64))


def two_nodes(out: Path) -> bool:
    """Whether two torchrun that meet at a port train together."""
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:29517", "--rdzv-id", "nodes"]
    command = [*TORCHRUN, "--nnodes", "2", "--nproc-per-node", "1", *meeting, *TRAIN, "--examples", "1280"]
    command += ["--log-every", "64", "--out", str(out)]
    nodes = [subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for _ in range(2)]
    together = all(node.wait() == 0 for node in nodes) and seen(out) == 1280 and whole(out)
    print(f"two nodes on one machine: {'trained together' if together else 'FAILED'}", flush=True)
    return together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fine = [killed(asked.kills, Path(folder) / "killed"), two_nodes(Path(folder) / "nodes")]
    sys.exit(not all(fine))


if __name__ == "__main__":
    main()
