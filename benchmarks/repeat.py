"""Trains the same short run in many fresh processes and counts the different results.

python benchmarks/repeat.py [--processes 30] [--threads 2] [OPTION OF ganwright train ...]

With one thread there must be one result. With more threads, a rare second result would mean that a resumed run is not
always equal bit for bit. Two processes would not show it: use at least thirty. The default is a small convolutional
GAN with lazy R1 and R2, 60 steps.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from ganwright.runs.checkpoint import WEIGHTS, file_hash, saved

DEFAULT = ["dcgan", "--examples", "3840", "--log-every", "3840", "--sample-every", "3840"]


def result(run_options: list[str]) -> str:
    """The hash of the final weights of one fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "ganwright", "train", *run_options, "--quiet", "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return file_hash(saved(out / "checkpoint")[-1] / WEIGHTS)[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--processes", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    options, run_options = parser.parse_known_args()
    run_options = [*(run_options or DEFAULT), "--threads", str(options.threads)]
    results = Counter(result(run_options) for _ in range(options.processes))
    print(
        f"{options.processes} processes, {options.threads} threads, {' '.join(run_options)}: {len(results)} result(s)"
    )
    for name, count in results.most_common():
        print(f"  {count} times {name}")


if __name__ == "__main__":
    main()
