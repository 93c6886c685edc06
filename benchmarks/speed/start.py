"""Measures the seconds from the command to the first trained step, in fresh processes.

python benchmarks/speed/start.py [--repeats 5] [OPTION OF ganwright train ...]     (default: vanilla --data mnist)

The measurement ends at the first log line, with a log line after each step. It includes the start of Python and torch,
reading the data, the untrained sample grids and autotuning of threads.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import environment, machine

DEFAULT = ["vanilla", "--data", "mnist"]


def first_step(train_options: list[str]) -> float:
    """Seconds until the log has its first line."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "ganwright", "train", *train_options, "--log-every", "1", "--out", str(out)]
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
        log = out / "log.jsonl"
        while not (log.is_file() and log.stat().st_size):
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended before its first step.")
            time.sleep(0.005)
        seconds = time.perf_counter() - start
        process.send_signal(signal.SIGINT)
        process.wait()
        return seconds


def torch_alone() -> float:
    """Seconds of a process that only imports torch."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], env=environment(), check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    options, train_options = parser.parse_known_args()
    train_options = train_options or DEFAULT
    print(machine())
    ours, imports = zip(*((first_step(train_options), torch_alone()) for _ in range(options.repeats)), strict=True)
    for name, seconds in ((f"ganwright train {' '.join(train_options)}", ours), ("import torch alone", imports)):
        print(f"{name}: {median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
