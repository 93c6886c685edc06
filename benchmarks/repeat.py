"""Trains the same short run in many fresh processes and counts how many different results there are.

python benchmarks/repeat.py [--processes 30] [--threads 2] [OPTION OF ganwright train ...]

With one thread there must be one result. With more, a rare second result would break the promise that a resumed run
is equal bit for bit, and two processes would not show it: try at least thirty. The default is a small convolutional
GAN with lazy R1 and R2, 60 rounds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from ganwright.runs.checkpoint import WEIGHTS, file_hash, saved

USUAL = ["dcgan", "--examples", "3840", "--log-every", "3840", "--sample-every", "3840"]


def result(words: list[str]) -> str:
    """The hash of the final weights of one fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "ganwright", "train", *words, "--quiet", "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return file_hash(saved(out / "checkpoint")[-1] / WEIGHTS)[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--processes", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    options, words = parser.parse_known_args()
    words = [*(words or USUAL), "--threads", str(options.threads)]
    results = Counter(result(words) for _ in range(options.processes))
    print(f"{options.processes} processes, {options.threads} threads, {' '.join(words)}: {len(results)} result(s)")
    for name, count in results.most_common():
        print(f"  {count} times {name}")


if __name__ == "__main__":
    main()
