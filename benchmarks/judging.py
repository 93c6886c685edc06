"""Times `judge`: 10,000 pictures against a test part, first with an empty cache and then with a filled one.

    python benchmarks/judging.py SAMPLES.npy [--data mnist]

SAMPLES is a file written by `ganwright sample RUN -n 10000 --out SAMPLES.npy`. The cache is a new folder: the first
run computes the features of the real pictures and the baseline, the second run reads them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import ganwright


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("--data", default="mnist")
    arguments = parser.parse_args()
    ganwright.judge  # noqa: B018 - imports torch, which is not timed
    with tempfile.TemporaryDirectory() as cache:
        os.environ["GANWRIGHT_CACHE"] = cache
        for state in ("empty cache", "real features and baseline cached"):
            load, start, cpu_start = os.getloadavg()[0], time.perf_counter(), time.process_time()
            card = ganwright.judge(arguments.samples, arguments.data, n=10_000, out=cache)
            seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
            cores = len(os.sched_getaffinity(0))
            print(
                f"{state}: {len(card.values)} values in {seconds:.1f} s, {cpu_seconds:.1f} s of CPU time, "
                f"{cores} cores, load before {load:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
