"""Seconds from the command to the first round that was trained, in fresh processes.

python benchmarks/speed/start.py [--repeats 5] [WORDS OF ganwright train ...]     (vanilla --data mnist without them)

The end is the first line of the log, with a report after each round; Python, torch, the data, the untrained sheets and
the trial of threads lie before it.
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

USUAL = ["vanilla", "--data", "mnist"]


def first_round(words: list[str]) -> float:
    """Seconds until the log has its first line."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "ganwright", "train", *words, "--log-every", "1", "--out", str(out)]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
        log = out / "log.jsonl"
        while not (log.is_file() and log.stat().st_size):
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended before its first round.")
            time.sleep(0.005)
        seconds = time.perf_counter() - began
        process.send_signal(signal.SIGINT)
        process.wait()
        return seconds


def torch_alone() -> float:
    """Seconds of a process that does nothing but import torch."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], env=environment(), check=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    options, words = parser.parse_known_args()
    words = words or USUAL
    print(machine())
    samples, torchs = zip(*((first_round(words), torch_alone()) for _ in range(options.repeats)), strict=True)
    for name, seconds in ((f"ganwright train {' '.join(words)}", samples), ("import torch alone", torchs)):
        print(f"{name}: {median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
